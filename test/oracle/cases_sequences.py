"""Recurrent networks and attention with given weights: see module_case.py."""

from functools import partial

from torch import nn

from declare import Family
from module_case import declare_module
from specs import literal, normal

family = Family("sequences")
module = partial(declare_module, family.case)

# ----------------------------------------------------------------- recurrent

for name, make in [("RNNCell", nn.RNNCell), ("GRUCell", nn.GRUCell)]:
    constructor = f"new nn.{name}(3, 2, {{ dtype: $dtype }})"
    module(
        f"nn.{name}",
        constructor,
        lambda make=make: make(3, 2),
        "m.forward(x, h)",
        lambda m, x, h: m(x, h),
        x=normal(2, 3),
        h=normal(2, 2),
    )
    module(
        f"nn.{name}",
        constructor,
        lambda make=make: make(3, 2),
        "m.forward(x, h)",
        lambda m, x, h: m(x, h),
        x=normal(3),
        h=normal(2),
    )
    module(
        f"nn.{name}",
        constructor,
        lambda make=make: make(3, 2),
        "m.forward(x, m.forward(x, h))",
        lambda m, x, h: m(x, m(x, h)),
        label=f"{name}, two steps",
        x=normal(1, 3),
        h=normal(1, 2),
    )
    module(
        f"nn.{name}",
        f"new nn.{name}(3, 2)",
        lambda make=make: make(3, 2),
        "m.forward(x, h)",
        lambda m, x, h: m(x, h),
        x=normal(2, 3).of("float32"),
        h=normal(2, 2).of("float32"),
    )
module(
    "nn.RNNCell",
    'new nn.RNNCell(3, 2, { nonlinearity: "relu", dtype: $dtype })',
    lambda: nn.RNNCell(3, 2, nonlinearity="relu"),
    "m.forward(x, h)",
    lambda m, x, h: m(x, h),
    x=normal(2, 3),
    h=normal(2, 2),
)
LSTM_CELL = "new nn.LSTMCell(3, 2, { dtype: $dtype })"
module(
    "nn.LSTMCell",
    LSTM_CELL,
    lambda: nn.LSTMCell(3, 2),
    "m.forward(x, [h, c])",
    lambda m, x, h, c: m(x, (h, c)),
    x=normal(2, 3),
    h=normal(2, 2),
    c=normal(2, 2),
)
module(
    "nn.LSTMCell",
    LSTM_CELL,
    lambda: nn.LSTMCell(3, 2),
    "m.forward(x, m.forward(x, [h, c]))",
    lambda m, x, h, c: m(x, m(x, (h, c))),
    label="LSTMCell, two steps",
    x=normal(1, 3),
    h=normal(1, 2),
    c=normal(1, 2),
)

LAYERS = [
    # options in JavaScript               in PyTorch                     shape of x
    ("", {}, (3, 2, 3)),
    ("", {}, (3, 3)),
    ("", {}, (1, 2, 3)),
    ("numLayers: 2, ", dict(num_layers=2), (3, 1, 3)),
    ("batchFirst: true, ", dict(batch_first=True), (2, 3, 3)),
    ("numLayers: 2, batchFirst: true, ", dict(num_layers=2, batch_first=True), (2, 2, 3)),
    ("bias: false, ", dict(bias=False), (2, 1, 3)),
    ("bidirectional: true, ", dict(bidirectional=True), (3, 1, 3)),
    ("numLayers: 2, bidirectional: true, ", dict(num_layers=2, bidirectional=True), (2, 1, 3)),
]
for name, make in [("RNN", nn.RNN), ("GRU", nn.GRU), ("LSTM", nn.LSTM)]:
    for text, options, shape in LAYERS:
        module(
            f"nn.{name}",
            f"new nn.{name}(3, 2, {{ {text}dtype: $dtype }})",
            lambda make=make, o=options: make(3, 2, **o),
            "m.forward(x).flat()",
            lambda m, x: m(x),
            label=f"{name}({text}x)",
            x=normal(*shape),
        )
    states = dict(h=normal(2, 1, 2), c=normal(2, 1, 2)) if name == "LSTM" else dict(h=normal(2, 1, 2))
    module(
        f"nn.{name}",
        f"new nn.{name}(3, 2, {{ numLayers: 2, dtype: $dtype }})",
        lambda make=make: make(3, 2, num_layers=2),
        "m.forward(x, [h, c]).flat()" if name == "LSTM" else "m.forward(x, h)",
        (lambda m, x, h, c: m(x, (h, c))) if name == "LSTM" else (lambda m, x, h: m(x, h)),
        label=f"{name} with a given state",
        x=normal(3, 1, 3),
        **states,
    )
module(
    "nn.LSTM",
    "new nn.LSTM(2, 3, { batchFirst: true, dtype: $dtype })",
    lambda: nn.LSTM(2, 3, batch_first=True),
    "m.forward(x)[0].select(1, -1)",
    lambda m, x: m(x)[0][:, -1],
    label="LSTM, last output",
    x=normal(2, 4, 2),
)
module(
    "nn.GRU",
    "new nn.GRU(3, 2)",
    lambda: nn.GRU(3, 2),
    "m.forward(x)",
    lambda m, x: m(x),
    x=normal(3, 2, 3).of("float32"),
)

# ----------------------------------------------------------------- attention

for text, options, shape in [
    ("", {}, (3, 2, 4)),
    ("batchFirst: true, ", dict(batch_first=True), (2, 3, 4)),
    ("bias: false, ", dict(bias=False), (3, 1, 4)),
]:
    module(
        "nn.MultiheadAttention",
        f"new nn.MultiheadAttention(4, 2, {{ {text}dtype: $dtype }})",
        lambda o=options: nn.MultiheadAttention(4, 2, **o),
        "m.forward(x, x, x)",
        lambda m, x: m(x, x, x),
        label=f"self-attention ({text})",
        x=normal(*shape),
        second=False,
    )
module(
    "nn.MultiheadAttention",
    "new nn.MultiheadAttention(4, 2, { batchFirst: true, dtype: $dtype })",
    lambda: nn.MultiheadAttention(4, 2, batch_first=True),
    "m.forward(q, k, v)",
    lambda m, q, k, v: m(q, k, v),
    label="attention to another sequence",
    q=normal(1, 2, 4),
    k=normal(1, 3, 4),
    v=normal(1, 3, 4),
)
CAUSAL = literal([[0, 1, 1], [0, 0, 1], [0, 0, 0]], "bool")
module(
    "nn.MultiheadAttention",
    "new nn.MultiheadAttention(4, 1, { batchFirst: true, dtype: $dtype })",
    lambda: nn.MultiheadAttention(4, 1, batch_first=True),
    "m.forward(x, x, x, { attnMask: mask })",
    lambda m, x, mask: m(x, x, x, attn_mask=mask),
    label="causal mask",
    x=normal(1, 3, 4),
    mask=CAUSAL,
    second=False,
)
module(
    "nn.MultiheadAttention",
    "new nn.MultiheadAttention(4, 2, { batchFirst: true, dtype: $dtype })",
    lambda: nn.MultiheadAttention(4, 2, batch_first=True),
    "m.forward(x, x, x, { keyPaddingMask: pad })",
    lambda m, x, pad: m(x, x, x, key_padding_mask=pad),
    label="padding mask",
    x=normal(2, 3, 4),
    pad=literal([[0, 0, 1], [0, 0, 0]], "bool"),
    second=False,
)
module(
    "nn.MultiheadAttention",
    "new nn.MultiheadAttention(4, 2, { batchFirst: true, dtype: $dtype })",
    lambda: nn.MultiheadAttention(4, 2, batch_first=True),
    "m.forward(x, x, x, { needWeights: false })[0]",
    lambda m, x: m(x, x, x, need_weights=False)[0],
    label="without weights",
    x=normal(1, 2, 4),
    second=False,
)
for text, options in [
    ("", {}),
    ("normFirst: true, ", dict(norm_first=True)),
    ('activation: "gelu", ', dict(activation="gelu")),
    ("batchFirst: true, ", dict(batch_first=True)),
]:
    for training in (True, False):
        module(
            "nn.TransformerEncoderLayer",
            f"new nn.TransformerEncoderLayer(4, 2, {{ dimFeedforward: 3, dropout: 0, {text}dtype: $dtype }})",
            lambda o=options: nn.TransformerEncoderLayer(4, 2, 3, dropout=0.0, **o),
            "m.forward(x)",
            lambda m, x: m(x),
            label=f"TransformerEncoderLayer ({text}{'train' if training else 'eval'})",
            training=training,
            x=normal(2, 1, 4),
            second=False,
        )
