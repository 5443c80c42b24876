// The shapes that the scripts hand to each other; no script, only words for `tsc`.

/** Rows as the engine reads them: A (m × width) is flat, its last column ones. */
export interface Data {
  A: Float64Array;
  y: Float64Array;
  m: number;
  width: number;
}

/** The half squared loss ½ θᵀHθ − cᵀθ + s; H is flat. */
export interface Quadratic {
  H: Float64Array;
  c: Float64Array;
  s: number;
}

/** What was recorded of a training run over n rows; the lists are equally long. */
export interface Run {
  n: number;
  examples: number[];
  updates: number[];
  loss: number[];
  theta: number[][];
  diverged_at: number | null;
}

/** Work in slices: yields what there is so far, or nothing, and returns what it made. */
export type Work<Made, Part = unknown> = Generator<Part, Made, void>;

/** A factor on the learning rate of update t (from 1) in an epoch (from 0). */
export type Schedule = (t: number, epoch: number) => number;

/** An object out of JSON. */
export type Dict = Record<string, unknown>;

/** A point's coordinate; null makes a gap. */
export type Coordinate = number | null;

/** What changes in a trace of a figure. */
export interface Trace {
  x: Coordinate[];
  y: Coordinate[];
  mode?: string;
  customdata?: Coordinate[];
}

/** The same without gaps. */
export interface Line extends Trace {
  x: number[];
  y: number[];
}

/** What a sentence names. */
export type Values = Record<string, number | string>;

/** What a result says: sentences by their keys, with what they name. */
export type Say = [string, Values][];

/** What changes in an axis of a figure. */
export interface Axis {
  type?: string;
  range?: number[];
  title?: { text: string };
  dtick?: number;
  ticksuffix?: string;
  exponentformat?: string;
  minexponent?: number;
  matches?: string;
  domain?: [number, number];
}

/** What changes in a figure: traces by their meta, axes by their names. */
export interface Drawing {
  traces: Record<string, Trace>;
  layout: Record<string, Axis>;
}

export interface Result extends Drawing {
  say: Say;
}

export type Results = Generator<Result | undefined, void, void>;

/** The modules of js/labs by their names; each knows the settings of its lab. */
export type Computations = Record<string, { compute(settings: Dict): Results }>;

/** Seconds of an update and of an epoch's shuffle. */
export type Cost = [number, number];

/** The recorded costs of a program, by rows. */
export type Costs = Record<string, Record<string, { batch: number[]; update: number[]; epoch: number }>>;

/** A trace of a figure as Plotly takes it. */
export interface PlotlyTrace extends Dict, Partial<Trace> {
  name?: string;
  meta?: string;
  xaxis?: string;
  yaxis?: string;
  fill?: string;
  marker?: Dict;
  visible?: boolean;
}

/** What Plotly is told beside the traces, and in `meta` what we are. */
export interface Layout extends Dict {
  height?: number;
  width?: number;
  template?: { layout?: Layout };
  xaxis?: Axis;
  yaxis?: Axis;
  annotations?: { text: string; x: number; xref?: string; yref?: string }[];
  meta?: Meta;
}

export interface Meta {
  alt?: string;
  /** Traces that Play draws from their beginning. */
  play?: string[];
  /** The controls that a click on a point sets, and the lab that it loads. */
  click?: { x: string; y: string; loads?: string };
  /** What the customdata of a trace holds, by the trace's meta. */
  customdata?: Record<string, string>;
  /** What a table calls a line whose name in the legend is that of an area, by its meta. */
  names?: Record<string, string>;
  /** What changes on a phone. */
  narrow?: Layout;
}

export interface Figure {
  data: PlotlyTrace[];
  layout: Layout;
}

/** The part of Plotly that is called here. */
export interface Plotly {
  react(box: Plot, data: Dict[], layout: Dict, config: Dict): Promise<unknown>;
  animate(box: Plot, frame: { data: Dict[]; traces: number[] }, options: Dict): Promise<unknown>;
  toImage(figure: { data: unknown; layout: unknown }, options: Dict): Promise<string>;
  purge(box: Plot): void;
}

/** A box in which Plotly draws, and what it puts there. */
export interface Plot extends HTMLElement {
  data?: Dict[];
  layout?: Dict;
  on?(event: "plotly_click", heard: (event: { points: { x: number; y: number }[] }) => void): void;
}

/** What the kernel's Chart tells its widget. */
export interface Traits {
  figure: Figure;
  result: Drawing;
  said: string;
  words: { failed: string; gone: string };
  failed: boolean;
  library: DataView<ArrayBuffer> | null;
}

/** Hears a message of the kernel. */
export type Heard = (message: unknown, buffers: DataView<ArrayBuffer>[]) => void;

/** A widget's model as anywidget hands it over. */
export interface Model {
  get<Name extends keyof Traits>(name: Name): Traits[Name];
  on(event: string, heard: Heard): void;
  off(event: string, heard: Heard): void;
  send(message: unknown): void;
}

/** What a control can be set to: a label, and the value that it stands for. */
export type Option = [label: string, value: unknown];

/** A control as the notebook describes it. */
export interface ControlDescription {
  key: string;
  kind: "range" | "menu" | "buttons" | "box";
  label: string;
  options: Option[];
  index: number;
}

/** A lab as the notebook describes it. */
export interface Description {
  compute: string;
  controls: ControlDescription[];
  fixed: Dict;
  figure: Figure;
  sentences: Record<string, string>;
}

/** A question of the exercises as the notebook describes it. */
export interface Question {
  right: number;
  within: number;
  slip: number;
  why: string;
  wrong: [number, string][];
  unit: string;
  wanted: string;
  words: Record<string, string>;
}
