// What the loops of src/training write and read models with.
#pragma once

#include "training/model_files.h"

namespace keratin::io {

const ModelFiles& model_files();

}  // namespace keratin::io
