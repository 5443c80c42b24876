"""Training from scratch and with PyTorch's own parts."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, TensorDataset

from d2lmini import Minibatches, get_data, optimum, sgd, train, train_concise
from d2lmini.core import engine
from d2lmini.core.rows import table
from d2lmini.core.steps import finish

seeds = st.integers(0, 2**32 - 1)


def loader(data: Minibatches, batch_size: int = 64, **options) -> DataLoader:
    return DataLoader(TensorDataset(data.X, data.y), batch_size, **options)


def same_weights(one, other) -> bool:
    return torch.equal(one.w, other.w) and torch.equal(one.b, other.b)


def initial(d: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """The weights that ``seed`` starts from."""
    seen = []
    data = Minibatches(torch.zeros(1, d), torch.zeros(1, 1), 1)
    train(
        lambda params, states, hyperparams: seen.extend(p.detach().clone() for p in params),
        None,
        {},
        data,
        d,
        1,
        seed=seed,
    )
    return seen[0], seen[1]


def momentum(params, states, hyperparams):
    """As Dive into Deep Learning writes it."""
    with torch.no_grad():
        for p, v in zip(params, states):
            v[:] = hyperparams["momentum"] * v + p.grad
            p[:] -= hyperparams["lr"] * v


# One step


@given(st.floats(1e-3, 10), seeds)
def test_a_step_of_sgd_is_torchs(lr, seed):
    generator = torch.Generator().manual_seed(seed)
    ours = [torch.randn(3, 1, generator=generator, requires_grad=True), torch.randn(1, generator=generator)]
    theirs = [p.detach().clone().requires_grad_() for p in ours]
    for p, q in zip(ours, theirs):
        p.grad = torch.randn(p.shape, generator=generator)
        q.grad = p.grad.clone()
    assert sgd(ours, None, {"lr": lr}) is None
    torch.optim.SGD(theirs, lr=lr).step()
    for p, q in zip(ours, theirs):
        torch.testing.assert_close(p, q)


# train and others


@given(
    batch_size=st.integers(1, 1500), lr=st.floats(1e-3, 0.1), epochs=st.integers(1, 3), seed=seeds, own=st.booleans()
)
def test_train_and_the_engine_agree_for_the_same_seed_and_start(batch_size, lr, epochs, seed, own):
    data, d = get_data(batch_size, seed=seed if own else None)
    history = train(sgd, None, {"lr": lr}, data, d, epochs, seed=seed)
    start = torch.cat([part.flatten() for part in initial(d, seed)]).double()
    A, y = table()
    run = finish(engine.minibatch_sgd(A, y, batch_size=batch_size, lr=lr, epochs=epochs, seed=seed, init=start.numpy()))
    assert history.diverged_at == run.diverged_at
    assert history.examples.tolist() == run.examples
    assert history.updates.tolist() == run.updates
    np.testing.assert_allclose(history.loss, run.loss, rtol=1e-4)


@pytest.mark.parametrize("replacement", [False, True])
def test_train_and_the_engine_agree_on_the_weights(replacement):
    data, d = get_data(10)
    data = Minibatches(data.X, data.y, 10, replacement=replacement)
    history = train(sgd, None, {"lr": 0.05}, data, d, 2, seed=3, init=(torch.zeros(d, 1), 0.0))
    run = finish(engine.minibatch_sgd(*table(), batch_size=10, lr=0.05, epochs=2, seed=3, replacement=replacement))
    np.testing.assert_allclose([*history.w[:, 0], history.b[0]], run.theta[-1], rtol=1e-4, atol=1e-5)


def test_train_and_the_engine_diverge_at_the_same_update():
    data, d = get_data(100)
    history = train(sgd, None, {"lr": 2.0}, data, d, 10, init=(torch.zeros(d, 1), 0.0))
    run = finish(engine.minibatch_sgd(*table(), batch_size=100, lr=2.0, epochs=10))
    assert history.diverged_at == run.diverged_at is not None


@pytest.mark.proves("Is it the same training as the ten lines above?")
def test_train_takes_what_every_minibatch_learner_does_from_torch():
    """The oracle: a plain torch loop over the same batches."""
    data, d = get_data(64, seed=5)
    w, b = initial(d)
    net = torch.nn.Linear(d, 1)
    net.load_state_dict({"weight": w.T, "bias": b})
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for k in range(3):
        for X, y in data.epoch(k, 5):
            optimizer.zero_grad()
            (torch.nn.functional.mse_loss(net(X), y) / 2).backward()
            optimizer.step()
    history = train(sgd, None, {"lr": 0.1}, data, d, 3)
    torch.testing.assert_close(history.w.T, net.weight.detach(), atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(history.b, net.bias.detach(), atol=1e-6, rtol=1e-6)


@pytest.mark.proves(
    "it runs the same loop with any update rule, and records the loss over all rows at fixed fractions of an epoch, with the clock stopped"
)
def test_a_trainer_of_ones_own_with_momentum_is_torchs_momentum():
    data, d = get_data(50, seed=2)
    states = [torch.zeros(d, 1), torch.zeros(1)]
    ours = train(momentum, states, {"lr": 0.02, "momentum": 0.9}, data, d, 2)
    theirs = train_concise(torch.optim.SGD, {"lr": 0.02, "momentum": 0.9}, data, 2)
    np.testing.assert_allclose(ours.loss, theirs.loss, rtol=1e-5)
    torch.testing.assert_close(ours.w, theirs.w, atol=1e-5, rtol=1e-5)


def test_states_are_handed_through_untouched():
    states, seen = object(), []
    data, d = get_data(1500)
    train(lambda params, s, hyperparams: seen.append(s), states, {}, data, d, 2)
    assert seen == [states, states]


def test_each_gradient_is_that_of_its_own_minibatch():
    """Gradients of earlier batches must not add up."""
    data, d = get_data(500, seed=1)
    gradients = []
    train(
        lambda params, *_: gradients.append(params[0].grad.clone()), None, {}, data, d, 1, init=(torch.zeros(d, 1), 0.0)
    )
    for gradient, (X, y) in zip(gradients, data.epoch(0, 1), strict=True):
        torch.testing.assert_close(gradient, -X.T @ y / len(y))


def test_training_reaches_the_optimum():
    data, d = get_data(1500)
    history = train(sgd, None, {"lr": 0.5}, data, d, 300)
    w, b, loss = optimum(data.X, data.y)
    assert history.loss[-1] == pytest.approx(loss, rel=1e-6)
    torch.testing.assert_close(history.w.double(), w, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(history.b.double(), b, atol=1e-4, rtol=1e-4)


# A pure function


@pytest.mark.parametrize("seed", [None, 4])
@pytest.mark.parametrize("options", [{}, {"replacement": True}, {"shuffle": False}])
def test_the_same_call_gives_the_same_weights(seed, options):
    data, d = get_data(64)
    data = Minibatches(data.X, data.y, 64, seed=None if options == {"shuffle": False} else seed, **options)
    first = train(sgd, None, {"lr": 0.1}, data, d)
    list(data)  # whoever uses the iterator in between changes nothing
    next(iter(data))
    assert same_weights(first, train(sgd, None, {"lr": 0.1}, data, d))


@pytest.mark.parametrize("seed", [None, 4])
def test_training_does_not_advance_the_iterator(seed):
    data, d = get_data(64, seed=seed)
    expected = [y for _, y in data.epoch(0, data._own_seed)]
    train(sgd, None, {"lr": 0.1}, data, d)
    assert all(torch.equal(y, other) for (_, y), other in zip(data, expected, strict=True))


def shuffling(data):
    return loader(data, shuffle=True)


def shuffling_with_its_own_generator(data):
    return loader(data, shuffle=True, generator=torch.Generator().manual_seed(8))


@pytest.mark.parametrize("make", [loader, shuffling, shuffling_with_its_own_generator])
@pytest.mark.parametrize("trainer", ["train", "train_concise"])
def test_the_same_call_with_a_data_loader_gives_the_same_weights(make, trainer):
    data, d = get_data(64)
    batches = make(data)

    def call():
        if trainer == "train":
            return train(sgd, None, {"lr": 0.1}, batches, d)
        return train_concise(torch.optim.SGD, {"lr": 0.1}, batches)

    first = call()
    list(batches)
    torch.rand(3)
    assert same_weights(first, call())


def test_a_data_loaders_own_generator_is_left_as_it_was():
    generator = torch.Generator().manual_seed(8)
    data, d = get_data(64)
    before = generator.get_state()
    train(sgd, None, {"lr": 0.1}, loader(data, shuffle=True, generator=generator), d)
    assert torch.equal(generator.get_state(), before)


def test_a_data_loader_that_does_not_shuffle_trains_as_minibatches_do():
    data, d = get_data(64)
    plain = Minibatches(data.X, data.y, 64, shuffle=False)
    ours, theirs = (train(sgd, None, {"lr": 0.1}, batches, d) for batches in (plain, loader(data)))
    assert same_weights(ours, theirs)
    np.testing.assert_array_equal(ours.loss, theirs.loss)


@given(
    batch_size=st.integers(1, 1500),
    lr=st.floats(1e-3, 0.4),
    momentum=st.floats(0, 0.9),
    nesterov=st.booleans(),
    seed=seeds,
)
def test_train_concise_is_a_plain_loop_of_torch_over_the_same_batches(batch_size, lr, momentum, nesterov, seed):
    data, d = (
        get_data(batch_size, n=60 + batch_size % 3, seed=seed) if batch_size <= 60 else get_data(batch_size, seed=seed)
    )
    hyperparams = {"lr": lr, "momentum": momentum, "nesterov": nesterov and momentum > 0}
    history = train_concise(torch.optim.SGD, hyperparams, data, 2, init=(torch.zeros(d, 1), 0.0))
    w, b = torch.zeros(d, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([w, b], **hyperparams)
    for X, y in (batch for k in range(2) for batch in data.epoch(k, seed)):
        optimizer.zero_grad()
        (torch.nn.functional.mse_loss(X @ w + b, y) / 2).backward()
        optimizer.step()
    if not history.diverged:
        torch.testing.assert_close(history.w, w.detach(), atol=1e-4, rtol=1e-3)
        torch.testing.assert_close(history.b, b.detach(), atol=1e-4, rtol=1e-3)


def test_a_data_loader_that_leaves_rows_out_is_recorded_to_its_last_update():
    data, d = get_data(64)
    history = train(sgd, None, {"lr": 0.1}, loader(data, drop_last=True), d, 2)
    assert history.updates[-1] == 2 * (1500 // 64)
    assert history.examples[-1] == 2 * (1500 // 64) * 64


def test_the_last_update_is_recorded_though_the_rows_left_out_keep_it_from_its_mark():
    data, d = get_data(64)
    history = train(sgd, None, {"lr": 0.1}, loader(data, 700, drop_last=True), d, 1, points_per_epoch=1)
    assert history.updates.tolist() == [0, 2]
    assert history.examples[-1] == 1400


def test_a_data_loader_that_leaves_all_rows_out_trains_nothing():
    data, d = get_data(64)
    history = train(sgd, None, {"lr": 0.1}, loader(data, 2000, drop_last=True), d, 2)
    assert history.updates.tolist() == [0]
    assert torch.equal(history.w, initial(d)[0])


@pytest.mark.parametrize("lr", [0.1, 100.0])
@pytest.mark.parametrize("make", [lambda data: data, shuffling, shuffling_with_its_own_generator])
def test_torchs_global_generator_is_left_as_it_was(make, lr):
    data, d = get_data(64)
    batches = make(data)
    torch.manual_seed(123)
    before = torch.get_rng_state()
    train(sgd, None, {"lr": lr}, batches, d)
    train_concise(torch.optim.SGD, {"lr": lr}, batches)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_trainer_that_fails_leaves_the_generators_as_they_were():
    def failing(params, states, hyperparams):
        raise KeyError("mine")

    generator = torch.Generator().manual_seed(8)
    data, d = get_data(64)
    states = torch.get_rng_state(), generator.get_state()
    with pytest.raises(KeyError, match="mine"):
        train(failing, None, {}, loader(data, shuffle=True, generator=generator), d)
    assert torch.equal(torch.get_rng_state(), states[0])
    assert torch.equal(generator.get_state(), states[1])


def test_the_data_is_not_changed_by_training():
    data, d = get_data(64)
    X, y = data.X.clone(), data.y.clone()
    train(sgd, None, {"lr": 0.1}, data, d)
    assert torch.equal(data.X, X)
    assert torch.equal(data.y, y)


# Where it starts


def test_weights_start_at_a_hundredth_of_a_normal_draw_and_the_bias_at_zero():
    weights = torch.cat([initial(1000, seed)[0] for seed in range(5)])
    assert weights.std().item() == pytest.approx(0.01, rel=0.05)
    assert abs(weights.mean().item()) < 0.001
    assert initial(5)[1].tolist() == [0]


def test_the_seed_of_train_draws_the_weights_and_the_order():
    data, d = get_data(64)
    one, other = (train(sgd, None, {"lr": 0.1}, data, d, seed=seed) for seed in (0, 1))
    assert one.loss[0] != other.loss[0]
    assert not same_weights(one, other)


def test_an_iterators_own_seed_has_the_last_word_on_the_order():
    start = torch.zeros(5, 1), 0.0
    runs = [train(sgd, None, {"lr": 0.1}, get_data(64, seed=9)[0], 5, seed=seed, init=start) for seed in (0, 1)]
    assert same_weights(*runs)


def test_an_iterator_without_a_seed_takes_that_of_train():
    one = train(sgd, None, {"lr": 0.1}, get_data(64)[0], 5, seed=9)
    other = train(sgd, None, {"lr": 0.1}, get_data(64, seed=9)[0], 5, seed=9)
    assert same_weights(one, other)


@pytest.mark.parametrize("w", [torch.ones(5, 1), torch.ones(5), np.ones(5), [1, 1, 1, 1, 1]])
@pytest.mark.parametrize("b", [2.0, 2, torch.tensor([2.0]), np.array(2.0), [2]])
def test_init_may_be_any_five_numbers_and_one(w, b):
    seen = []
    data, d = get_data(1500)
    train(lambda params, *_: seen.extend(p.detach().clone() for p in params), None, {}, data, d, 1, init=(w, b))
    assert seen[0].tolist() == [[1]] * 5
    assert seen[1].tolist() == [2]


def test_init_is_not_changed():
    w, b = torch.ones(5, 1), torch.ones(1)
    data, d = get_data(64)
    train(sgd, None, {"lr": 0.1}, data, d, init=(w, b))
    train_concise(torch.optim.SGD, {"lr": 0.1}, data, init=(w, b))
    assert (w == 1).all()
    assert (b == 1).all()


# Extras of train


def test_the_classic_positional_call_works():
    data_iter, feature_dim = get_data(10)
    assert train(sgd, None, {"lr": 0.05}, data_iter, feature_dim, 1).epochs[-1] == 1


def test_two_epochs_are_the_default():
    data_iter, feature_dim = get_data(100)
    assert train(sgd, None, {"lr": 0.05}, data_iter, feature_dim).epochs[-1] == 2


def test_a_schedule_is_asked_for_each_update_and_scales_the_rate():
    asked, rates = [], []

    def schedule(t, epoch):
        asked.append((t, epoch))
        return 1 / t

    data, d = get_data(750)
    train(
        lambda params, states, hyperparams: rates.append(hyperparams["lr"]),
        None,
        {"lr": 0.4},
        data,
        d,
        2,
        schedule=schedule,
    )
    assert asked == [(1, 0), (2, 0), (3, 1), (4, 1)]
    assert rates == pytest.approx([0.4, 0.2, 0.4 / 3, 0.1])


@pytest.mark.proves("Are they the same too?")
def test_a_schedule_agrees_with_torchs_scheduler():
    data, d = get_data(100, seed=1)
    ours = train(sgd, None, {"lr": 0.2}, data, d, 4, schedule=lambda t, epoch: 0.5**epoch)
    theirs = train_concise(
        torch.optim.SGD, {"lr": 0.2}, data, 4, scheduler=lambda o: torch.optim.lr_scheduler.StepLR(o, 1, gamma=0.5)
    )
    np.testing.assert_allclose(ours.loss, theirs.loss, rtol=1e-5)
    torch.testing.assert_close(ours.w, theirs.w, atol=1e-6, rtol=1e-5)


def test_a_schedule_does_not_change_the_hyperparams_passed_in():
    hyperparams = {"lr": 0.1}
    data, d = get_data(100)
    train(sgd, None, hyperparams, data, d, schedule=lambda t, epoch: 0.5)
    assert hyperparams == {"lr": 0.1}


def test_on_update_sees_the_weights_after_each_update():
    seen = []
    data, d = get_data(64)
    plain = train(sgd, None, {"lr": 0.1}, data, d)
    watched = train(sgd, None, {"lr": 0.1}, data, d, on_update=lambda t, w, b: seen.append((t, w.clone(), b.clone())))
    assert [t for t, _, _ in seen] == list(range(1, 49))
    assert torch.equal(seen[-1][1], watched.w)
    assert torch.equal(seen[-1][2], watched.b)
    assert not seen[0][1].requires_grad
    assert same_weights(plain, watched)


@pytest.mark.parametrize("concise", [False, True])
def test_an_animator_is_given_each_recorded_point_against_epochs(concise):
    points = []

    class Animator:
        def add(self, x, y):
            points.append((x, y))

    data, d = get_data(100)
    if concise:
        history = train_concise(torch.optim.SGD, {"lr": 0.1}, data, animator=Animator())
    else:
        history = train(sgd, None, {"lr": 0.1}, data, d, animator=Animator())
    assert points == list(zip(history.epochs, history.loss))


# train_concise


@pytest.mark.parametrize("batch_size", [1, 10, 64, 1500])
@pytest.mark.parametrize("seed", [0, 7])
def test_the_concise_defaults_are_scratch_step_by_step(batch_size, seed):
    data, d = get_data(batch_size)
    ours = train(sgd, None, {"lr": 0.01}, data, d, seed=seed, points_per_epoch=1500)
    theirs = train_concise(torch.optim.SGD, {"lr": 0.01}, data, seed=seed, points_per_epoch=1500)
    assert ours.updates.tolist() == theirs.updates.tolist()
    np.testing.assert_allclose(ours.loss, theirs.loss, rtol=0, atol=1e-6)
    torch.testing.assert_close(ours.w, theirs.w, atol=1e-6, rtol=0)
    torch.testing.assert_close(ours.b, theirs.b, atol=1e-6, rtol=0)


@pytest.mark.proves("So the framework does nothing that you did not do")
@pytest.mark.parametrize("features", [1, 3, 4, 5])
@pytest.mark.parametrize("batch_size", [1, 10, 64, 1500])
def test_scratch_and_concise_have_the_same_weights_after_every_update(batch_size, features):
    data, d = get_data(batch_size, num_features=features)
    assert d == features
    ours, theirs = [], []

    class Recording(torch.optim.SGD):
        def step(self, closure=None):
            super().step(closure)
            theirs.append(torch.cat([p.detach().flatten() for p in self.param_groups[0]["params"]]))

    train(sgd, None, {"lr": 0.05}, data, d, on_update=lambda t, w, b: ours.append(torch.cat([w.flatten(), b])))
    train_concise(Recording, {"lr": 0.05}, data)
    assert len(ours) == 2 * -(-1500 // batch_size)
    torch.testing.assert_close(torch.stack(ours), torch.stack(theirs), atol=1e-6, rtol=0)


@pytest.mark.proves("So dropping the ½ should do exactly what doubling the rate does")
def test_without_the_half_the_rate_is_doubled():
    data, d = get_data(10)
    whole = train_concise(torch.optim.SGD, {"lr": 0.01}, data, half=False)
    doubled = train(sgd, None, {"lr": 0.02}, data, d)
    np.testing.assert_allclose(whole.loss, doubled.loss, rtol=0, atol=1e-6)
    torch.testing.assert_close(whole.w, doubled.w, atol=1e-6, rtol=0)


def test_the_random_bias_of_a_linear_layer_starts_elsewhere():
    data, _ = get_data(10)
    zero, random = (train_concise(torch.optim.SGD, {"lr": 0.01}, data, zero_bias=flag) for flag in (True, False))
    assert zero.loss[0] != random.loss[0]
    assert not same_weights(zero, random)


def test_the_random_bias_comes_from_the_seed():
    data, _ = get_data(10)
    runs = [train_concise(torch.optim.SGD, {"lr": 0.01}, data, 1, zero_bias=False, seed=3) for _ in range(2)]
    assert same_weights(*runs)


def test_init_overrides_the_random_bias_too():
    data, _ = get_data(10)
    start = torch.zeros(5, 1), 0.0
    history = train_concise(torch.optim.SGD, {"lr": 0.01}, data, zero_bias=False, init=start)
    assert history.loss[0] == pytest.approx(0.493259, abs=5e-7)


@pytest.mark.parametrize("optimizer", [torch.optim.Adam, torch.optim.RMSprop, torch.optim.Adagrad])
def test_other_optimizers_train_too(optimizer):
    data, _ = get_data(10)
    assert train_concise(optimizer, {"lr": 0.02}, data).loss[-1] < 0.27


def test_a_scheduler_steps_once_after_each_epoch():
    made = []

    def scheduler(optimizer):
        made.append(torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.1))
        return made[0]

    rates = []

    class Recording(torch.optim.SGD):
        def step(self, closure=None):
            rates.append(self.param_groups[0]["lr"])
            return super().step(closure)

    data, _ = get_data(750)
    train_concise(Recording, {"lr": 0.1}, data, 3, scheduler=scheduler)
    assert rates == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.001, 0.001])
