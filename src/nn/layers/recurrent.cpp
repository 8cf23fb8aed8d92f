// The recurrent layers over a cell of their own.
#include "nn/layers/rnn.h"

namespace keratin {
namespace {

class SimpleRNN : public RNN {
 public:
  SimpleRNN() : RNN(&describe, std::make_shared<SimpleRNNCell>()) {}

  void configured() override {
    activity_regularizer = nullptr;  // Keras takes it and drops it
    RNN::configured();
  }

  static const ClassInfo& describe() {
    static const ClassInfo info = [] {
      ClassInfo c = class_info<SimpleRNN>("layers", "SimpleRNN", "keras.layers",
                                          "A recurrent layer whose output is fed back.");
      add_cell_attributes(c, SimpleRNNCell::describe());
      move_behind(c.attributes, "seed", "unroll");
      for (Attribute& a : c.attributes)
        if (a.name == "seed") a.omit_default = true;  // Keras does not write it
      return c;
    }();
    return info;
  }
};
KERATIN_REGISTER(SimpleRNN);

class LSTM : public RNN {
 public:
  LSTM() : RNN(&describe, std::make_shared<LSTMCell>()) {}

  static const ClassInfo& describe() {
    static const ClassInfo info = [] {
      ClassInfo c = class_info<LSTM>("layers", "LSTM", "keras.layers",
                                     "Long short-term memory, Hochreiter and Schmidhuber 1997.");
      add_cell_attributes(c, LSTMCell::describe());
      return c;
    }();
    return info;
  }
};
KERATIN_REGISTER(LSTM);

class GRU : public RNN {
 public:
  GRU() : RNN(&describe, std::make_shared<GRUCell>()) {}

  static const ClassInfo& describe() {
    static const ClassInfo info = [] {
      ClassInfo c = class_info<GRU>("layers", "GRU", "keras.layers",
                                    "Gated recurrent unit, Cho et al. 2014.");
      add_cell_attributes(c, GRUCell::describe());
      move_behind(c.attributes, "reset_after", "unroll");
      return c;
    }();
    return info;
  }
};
KERATIN_REGISTER(GRU);

}  // namespace
}  // namespace keratin
