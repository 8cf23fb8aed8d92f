// EXPECT_ERROR(statement, code, "part of the message"): the statement throws keratin::Error so.
#pragma once

#include <string>

#include "core/error.h"
#include "gmock/gmock.h"

#define EXPECT_ERROR(statement, expected_code, part)                    \
  try {                                                                 \
    statement;                                                          \
    ADD_FAILURE() << #statement << " threw nothing";                    \
  } catch (const ::keratin::Error& error) {                             \
    EXPECT_EQ(error.code(), expected_code) << error.what();             \
    EXPECT_THAT(std::string(error.what()), ::testing::HasSubstr(part)); \
  }
