// The safetensors format: https://github.com/huggingface/safetensors
#pragma once

#include <map>
#include <string>

#include "core/tensor.h"

namespace keratin::io {

std::map<std::string, Tensor> read_safetensors(const std::string& bytes, const std::string& what);
std::string write_safetensors(const std::map<std::string, Tensor>& tensors);

}  // namespace keratin::io
