// How the JavaScript is written; from the root: eslint --config tests/eslint.config.mjs d2lmini bench tests
import js from "@eslint/js";

/** Only what lies lower may be imported: core, then timing and figures, then labs; the page is handed its labs. */
const importing = (folder, forbidden, message) => ({
  files: [`d2lmini/js/${folder}/*.js`],
  rules: { "no-restricted-imports": ["error", { patterns: [{ regex: forbidden, message }] }] },
});

const LETTERS = ":matches(Literal[value=/[A-Za-z]/], TemplateLiteral:has(> TemplateElement[value.raw=/[A-Za-z]/]))";
const SAID = "/^(title|alt|placeholder|aria-(label|description|valuetext|roledescription))$/";
const WORDY = "/^[^.:#()]*[A-Za-z]{2,} [a-z]{2,}/"; // no selector, no style
/** Where text gets into the page, unless it comes from WORDS or from the notebook. */
const TEXTS = [
  `CallExpression[callee.name='element'] > ${LETTERS}:not(:first-child)`,
  `CallExpression[callee.name=/^(button|flash)$/] > ${LETTERS}:first-child`,
  `CallExpression[callee.property.name=/^(append|prepend|after|before|replaceChildren|createTextNode)$/] > ${LETTERS}`,
  `CallExpression[callee.property.name='setAttribute'][arguments.0.value=${SAID}] > ${LETTERS}:not(:first-child)`,
  `:matches(Property[key.name=${SAID}], Property[key.value=${SAID}], Property[key.name='textContent']) > ${LETTERS}.value`,
  `AssignmentExpression[left.property.name=/^(textContent|innerText|title|alt|ariaLabel)$/] > ${LETTERS}`,
  `AssignmentExpression[left.property.name=/^(textContent|innerText|title|alt|ariaLabel)$/] > ConditionalExpression > ${LETTERS}`,
  `Literal[value=${WORDY}]:not(NewExpression > *, Property[key.name='class'] > *, [parent.left.object.property.name='style'])`,
  "Property[key.name='heads'] Literal[value=/[A-Za-z]/]",
  `TemplateElement[value.raw=${WORDY}]:not(NewExpression > TemplateLiteral > *)`,
];
/** Sentences that are put together other than by a template or by WORDS.between, so that another language cannot order them anew. */
const COMPOSED = [
  ":matches(TemplateLiteral, BinaryExpression) > MemberExpression[object.name='WORDS']",
  "CallExpression[callee.property.name='join'] > Literal[value=' ']",
];
const forbid = (message) => (selector) => ({ selector, message });

export default [
  {
    ...js.configs.recommended,
    linterOptions: { reportUnusedDisableDirectives: "error" },
  },
  {
    files: ["d2lmini/js/**/*.js"],
    rules: {
      eqeqeq: "error",
      "max-lines": ["error", 250],
      "no-implicit-globals": "error",
      "no-shadow": ["error", { hoist: "all" }],
      "no-unused-vars": ["error", { varsIgnorePattern: "^_$" }],
      "no-var": "error",
      "no-warning-comments": ["error", { terms: ["@ts-nocheck", "@ts-ignore", "@ts-expect-error"], location: "anywhere" }],
      "prefer-const": "error",
    },
  },
  {
    files: ["d2lmini/js/**/*.js"],
    ignores: ["d2lmini/js/page/words.js"],
    rules: {
      "no-restricted-syntax": [
        "error",
        ...TEXTS.map(forbid("What a reader sees stands in page/words.js, or comes from the notebook.")),
        ...COMPOSED.map(forbid("A sentence is a template with named places; sentences are joined with WORDS.between.")),
      ],
    },
  },
  { files: ["d2lmini/js/{page,figures}/*.js"], rules: { "no-undef": "off" } }, // tsc knows the browser
  {
    files: ["d2lmini/js/{core,exercises,labs,timing}/*.js"],
    languageOptions: { globals: { performance: "readonly", structuredClone: "readonly" } }, // they run in Node as well
  },
  {
    files: ["**/*.mjs"],
    languageOptions: { globals: { URL: "readonly", console: "readonly", performance: "readonly", process: "readonly", structuredClone: "readonly" } },
  },
  importing("core", "^\\.\\./", "core knows nothing but itself"),
  importing("exercises", "^\\.\\./", "answers are judged by numbers alone"),
  importing("figures", ".*", "a widget's module cannot import another file"),
  importing("timing", "^\\.\\./(?!core/)", "below timing there is only core"),
  importing("labs", "^\\.\\./(?!(core|figures|timing)/)", "a lab computes; it knows no page"),
  importing("page", "^\\.\\./(labs|timing)/", "the page is handed its labs"),
];
