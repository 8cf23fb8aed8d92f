// Who works with a model at the moment: one thread that trains or evaluates it, or any number that
// predict. Whoever comes at the wrong time gets an error, never a race.
#pragma once

#include <mutex>
#include <string>
#include <thread>

namespace keratin {

class Usage {
 public:
  // Training or evaluating, until this goes. Throws kState naming the model if another thread uses
  // it. The same thread may evaluate while it trains (a callback does), but not train.
  class Exclusive {
   public:
    Exclusive(Usage& usage, const std::string& model, bool training);
    ~Exclusive();
    Exclusive(const Exclusive&) = delete;

   private:
    Usage& usage_;
    bool training_;
  };

  // Predicting. Throws kState naming the model if another thread trains or evaluates it.
  class Shared {
   public:
    Shared(Usage& usage, const std::string& model);
    ~Shared();
    Shared(const Shared&) = delete;

   private:
    Usage& usage_;
  };

 private:
  std::mutex mutex_;
  std::thread::id owner_;  // meaningful while depth_ > 0
  int depth_ = 0;          // nested uses by the owner
  bool training_ = false;
  int readers_ = 0;
};

}  // namespace keratin
