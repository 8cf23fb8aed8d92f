#include "nn/initializers/fill.h"
#include "nn/initializers/initializer.h"

namespace keratin {
namespace {

class Zeros : public Initializer {
 public:
  KERATIN_CLASS
  Tensor operator()(const Shape& shape, DType dtype) const override { return {dtype, shape}; }
};

const ClassInfo& Zeros::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = class_info<Zeros>("initializers", "Zeros", "keras.initializers", "All 0.");
    c.aliases = {"zero"};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Zeros);

class Ones : public Initializer {
 public:
  KERATIN_CLASS
  Tensor operator()(const Shape& shape, DType dtype) const override {
    return filled(dtype, shape, [](std::int64_t) { return 1.0; });
  }
};

const ClassInfo& Ones::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = class_info<Ones>("initializers", "Ones", "keras.initializers", "All 1.");
    c.aliases = {"one"};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Ones);

class Constant : public Initializer {
 public:
  double value = 0;

  KERATIN_CLASS
  Tensor operator()(const Shape& shape, DType dtype) const override {
    return filled(dtype, shape, [&](std::int64_t) { return value; });
  }
};

const ClassInfo& Constant::describe() {
  static const ClassInfo info = [] {
    ClassInfo c =
        class_info<Constant>("initializers", "Constant", "keras.initializers", "All of one value.");
    c.attributes = {attribute<Constant>("value", &Constant::value, "The value.")};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Constant);

class Identity : public Initializer {
 public:
  double gain = 1;

  KERATIN_CLASS
  Tensor operator()(const Shape& shape, DType dtype) const override {
    require(shape.size() == 2, "Identity: expected a shape of rank 2, got ", to_string(shape));
    const std::int64_t columns = shape[1];
    return filled(dtype, shape,
                  [&](std::int64_t i) { return i / columns == i % columns ? gain : 0.0; });
  }
};

const ClassInfo& Identity::describe() {
  static const ClassInfo info = [] {
    ClassInfo c = class_info<Identity>("initializers", "Identity", "keras.initializers",
                                       "Ones on the diagonal of a matrix, times a gain.");
    c.aliases = {"IdentityInitializer"};
    // Keras takes the gain but never writes it; here it is written where it has a meaning.
    c.attributes = {attribute<Identity>("gain", &Identity::gain, "Factor.").omitted_if_default()};
    return c;
  }();
  return info;
}
KERATIN_REGISTER(Identity);

}  // namespace

InitializerPtr zeros() { return std::make_shared<Zeros>(); }
InitializerPtr ones() { return std::make_shared<Ones>(); }

}  // namespace keratin
