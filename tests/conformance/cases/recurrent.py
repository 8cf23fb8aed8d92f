"""Recurrent layers, their cells and their wrappers, with masks, given states and all directions."""

import keras
import numpy as np
from keras import layers, regularizers

from .case import normal

STEPS, WIDTH, ROWS, BATCH = 5, 3, 8, 4


def sequential(*inner, shape=(STEPS, WIDTH), masked=False, dense=True, **arguments):
    before = [layers.Masking()] if masked else []
    after = [layers.Dense(2)] if dense else []
    return keras.Sequential([keras.Input(shape, **arguments), *before, *inner, *after])


def with_states(layer, count, units=4, mask=False, single=False):
    x = keras.Input((STEPS, WIDTH))
    states = [keras.Input((units,)) for _ in range(count)]
    sequences = layers.Masking()(x) if mask else x
    out = layer(sequences, initial_state=states[0] if single else states)
    return keras.Model([x, *states], out)


def given_mask(layer):
    x, mask = keras.Input((STEPS, WIDTH)), keras.Input((STEPS,), dtype="int32")
    return keras.Model([x, mask], layer(x, mask=mask))


def cell_by_itself(cell, count, units=4):
    x, states = keras.Input((WIDTH,)), [keras.Input((units,)) for _ in range(count)]
    output, after = cell(x, states)
    return keras.Model([x, *states], [layers.Dense(2)(output), *after])


def encoder_decoder():
    source, target = keras.Input((STEPS, WIDTH)), keras.Input((STEPS, WIDTH))
    _, *states = layers.LSTM(4, return_state=True)(layers.Masking()(source))
    sequence, _, _ = layers.LSTM(4, return_sequences=True, return_state=True)(target, initial_state=states)
    return keras.Model([source, target], layers.TimeDistributed(layers.Dense(2, activation="softmax"))(sequence))


def shared():
    a, b = keras.Input((STEPS, WIDTH)), keras.Input((STEPS, WIDTH))
    gru = layers.GRU(4)
    return keras.Model([a, b], layers.Dense(2)(layers.Concatenate()([gru(a), gru(b)])))


def stack(*cells, **arguments):
    return layers.RNN(layers.StackedRNNCells(list(cells)), **arguments)


def everything(masked):
    for kind in (layers.SimpleRNN, layers.LSTM, layers.GRU):
        name = kind.__name__.lower()
        yield f"{name}_sequences", sequential(kind(4, return_sequences=True), masked=masked)
        yield f"{name}_backwards", sequential(kind(17, go_backwards=True), masked=masked)
        yield f"{name}_backwards_sequences", sequential(kind(4, go_backwards=True, return_sequences=True),
                                                        masked=masked)
        yield f"{name}_zero_output", sequential(kind(4, zero_output_for_mask=True, return_sequences=True),
                                                kind(3, zero_output_for_mask=True), masked=masked)
        yield f"{name}_unroll", sequential(kind(4, unroll=True, return_sequences=True), kind(4, unroll=True),
                                           masked=masked)
        yield f"{name}_no_bias", sequential(kind(4, use_bias=False), masked=masked)
        yield f"{name}_activation", sequential(kind(4, activation="softsign"), masked=masked)
        states = 2 if kind is layers.LSTM else 1
        yield f"{name}_states", with_states(kind(4, return_state=True), states, mask=masked)
        yield f"{name}_states_unroll", with_states(kind(4, return_sequences=True, unroll=True), states, mask=masked)
        yield f"{name}_states_backwards", with_states(
            kind(4, go_backwards=True, return_state=True, return_sequences=True), states, mask=masked)
        for mode in ("concat", "sum", "mul", "ave"):
            yield f"bidirectional_{name}_{mode}", sequential(
                layers.Bidirectional(kind(4, return_sequences=mode in ("sum", "ave")), merge_mode=mode),
                masked=masked)
    yield "gru_reset_before", sequential(layers.GRU(4, reset_after=False, return_sequences=True),
                                         layers.GRU(18, reset_after=False, go_backwards=True), masked=masked)
    yield "gru_reset_before_no_bias", sequential(layers.GRU(4, reset_after=False, use_bias=False), masked=masked)
    yield "gru_gates", sequential(layers.GRU(4, activation="relu", recurrent_activation="hard_sigmoid"),
                                  masked=masked)
    yield "lstm_linear", sequential(layers.LSTM(4, activation=None, unit_forget_bias=False), masked=masked)
    yield "rnn_stacked", sequential(stack(layers.LSTMCell(4), layers.GRUCell(3), layers.SimpleRNNCell(5),
                                          return_sequences=True), masked=masked)
    yield "rnn_stacked_backwards", sequential(stack(layers.LSTMCell(4), layers.LSTMCell(3), go_backwards=True,
                                                    zero_output_for_mask=True), masked=masked)
    yield "rnn_stacked_activation", sequential(stack(layers.GRUCell(4, activation="softsign"), layers.LSTMCell(3),
                                                     go_backwards=True, return_sequences=True), masked=masked)
    yield "rnn_cells", sequential(layers.RNN([layers.GRUCell(3), layers.GRUCell(4)]), masked=masked)
    yield "bidirectional_rnn", sequential(
        layers.Bidirectional(layers.RNN(layers.GRUCell(3), return_sequences=True)), masked=masked)
    yield "bidirectional_two", sequential(
        layers.Bidirectional(layers.LSTM(3, return_sequences=True),
                             backward_layer=layers.GRU(3, return_sequences=True, go_backwards=True, name="back")),
        layers.Bidirectional(layers.GRU(2)), masked=masked)


def once():
    yield "penalties", sequential(
        layers.LSTM(4, kernel_regularizer="l2", recurrent_regularizer=regularizers.L1(0.02), bias_regularizer="l1",
                    activity_regularizer=regularizers.L2(0.1), kernel_constraint="max_norm",
                    recurrent_constraint="unit_norm", bias_constraint="non_neg", return_sequences=True),
        layers.GRU(3, kernel_constraint="unit_norm", recurrent_regularizer="l2", activity_regularizer="l2"))
    yield "frozen", sequential(layers.GRU(4, trainable=False), layers.Dense(3))
    yield "stateful", sequential(layers.LSTM(4, stateful=True, return_sequences=True), layers.GRU(3, stateful=True),
                                 batch_size=BATCH)
    yield "bidirectional_both", keras.Model(
        (x := keras.Input((STEPS, WIDTH))),
        layers.Bidirectional(layers.LSTM(3, return_sequences=True), merge_mode=None)(x))
    yield "bidirectional_states", with_states(layers.Bidirectional(layers.LSTM(4, return_state=True)), 4)
    yield "bidirectional_states_gru", with_states(
        layers.Bidirectional(layers.GRU(4, return_state=True, return_sequences=True), merge_mode="sum"), 2, mask=True)
    yield "state_alone", with_states(layers.GRU(4), 1, single=True)
    yield "given_mask", given_mask(layers.LSTM(4, return_sequences=True))
    yield "given_mask_bidirectional", given_mask(layers.Bidirectional(layers.GRU(4, return_sequences=True)))
    yield "encoder_decoder", encoder_decoder()
    yield "shared", shared()
    yield "cell_lstm", cell_by_itself(layers.LSTMCell(4), 2)
    yield "cell_gru", cell_by_itself(layers.GRUCell(4, reset_after=False), 1)
    yield "cell_simple", cell_by_itself(layers.SimpleRNNCell(4), 1)
    yield "time_distributed_dense", sequential(layers.TimeDistributed(layers.Dense(4, activation="relu")),
                                               layers.GlobalAveragePooling1D(), masked=True)
    yield "time_distributed_normalization", sequential(
        layers.TimeDistributed(layers.BatchNormalization()), layers.TimeDistributed(layers.Dense(3)))
    yield "time_distributed_lstm", sequential(layers.TimeDistributed(layers.LSTM(3)), shape=(3, 4, 2))
    yield "time_distributed_model", sequential(
        layers.TimeDistributed(keras.Sequential([keras.Input((6, 5, 2)), layers.Conv2D(3, 2), layers.Flatten(),
                                                 layers.Dense(4)])), layers.GRU(3), shape=(3, 6, 5, 2))
    yield "time_distributed_twice", sequential(
        layers.TimeDistributed(layers.TimeDistributed(layers.Dense(3))), shape=(3, 4, 2))
    yield "time_distributed_pooling", sequential(
        layers.TimeDistributed(layers.MaxPooling1D(2)), layers.TimeDistributed(layers.Flatten()), shape=(3, 6, 2))
    yield "conv_lstm_1d", sequential(layers.ConvLSTM1D(2, 3, padding="same", return_sequences=True),
                                     layers.ConvLSTM1D(3, 2, strides=2, go_backwards=True), layers.Flatten(),
                                     shape=(3, 7, 2))
    yield "conv_lstm_2d", sequential(layers.ConvLSTM2D(2, (3, 2), dilation_rate=(1, 2), use_bias=False,
                                                       activation="relu", recurrent_activation="hard_sigmoid"),
                                     layers.Flatten(), shape=(3, 5, 6, 2))
    yield "conv_lstm_2d_first", sequential(
        layers.ConvLSTM2D(2, 2, data_format="channels_first", padding="same", unit_forget_bias=False,
                          return_sequences=True, kernel_regularizer="l2"), layers.Flatten(), shape=(3, 2, 5, 4))
    yield "conv_lstm_3d", sequential(layers.ConvLSTM3D(2, 2, padding="same"), layers.Flatten(), shape=(2, 3, 4, 3, 2))
    yield "bidirectional_conv_lstm", sequential(
        layers.Bidirectional(layers.ConvLSTM1D(2, 2, padding="same")), layers.Flatten(), shape=(3, 5, 2))
    yield "time_distributed_normalization_masked", sequential(
        layers.TimeDistributed(layers.BatchNormalization()), layers.TimeDistributed(layers.Dense(3)), masked=True)


def inputs(model, seed, rows):
    arrays = []
    for i, tensor in enumerate(model.inputs):
        shape = (rows, *tensor.shape[1:])
        if tensor.dtype == "int32":
            array = np.random.default_rng(seed).integers(0, 2, shape).astype("int32")
        else:
            array = normal(shape, seed + i)
        if len(shape) == 3:
            array[np.random.default_rng(seed + i).random(shape[:2]) < 0.35] = 0.0
        arrays.append(array)
    return arrays


def cases():
    unmasked = [(name, model) for name, model in everything(False) if not name.endswith(("_output", "_unroll", "_mul"))]
    made = [*unmasked, *((f"{name}_masked", model) for name, model in everything(True)), *once()]
    for i, (name, model) in enumerate(made):
        keras.utils.set_random_seed(i)
        rows = BATCH if name == "stateful" else ROWS
        model.compile(keras.optimizers.SGD(0.05), "mse")
        y = [normal((rows, *t.shape[1:]), i + 50) for t in model.outputs]
        yield name, model, {"x": inputs(model, i, rows), "y": y if len(y) > 1 else y[0], "fit": {"batch_size": BATCH}}
