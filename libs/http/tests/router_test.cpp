#include "http/router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace countersign::http {
namespace {

using ::testing::HasSubstr;

class RouterTest : public ::testing::Test {
 protected:
  RouterTest() {
    router.on("GET", "/v1/runs/{id}", [](const Request& request) { return Response{200, "text/plain", request.parameters.at("id"), {}}; });
    router.on("GET", "/v1/runs/latest", [](const Request&) { return Response{200, "text/plain", "the latest", {}}; });
    router.on("POST", "/v1/runs/{id}/cancel", [](const Request& request) { return Response{202, "text/plain", request.body, {}}; });
    router.on("GET", "/v1/runs", [](const Request& request) { return Response{200, "text/plain", request.query.at("q"), {}}; });
  }
  Answer ask(std::string method, std::string_view target) {
    Request request;
    request.method = std::move(method);
    return router.answer(std::move(request), target);
  }
  Router router;
};

TEST_F(RouterTest, FillsTheParametersDecoded) {
  const Answer answer = ask("GET", "/v1/runs/a%20b%2Fc");
  EXPECT_EQ(answer.response.body, "a b/c");
  EXPECT_EQ(answer.route, "/v1/runs/{id}");
}

TEST_F(RouterTest, PrefersTheMoreLiteralPattern) { EXPECT_EQ(ask("GET", "/v1/runs/latest").response.body, "the latest"); }

TEST_F(RouterTest, DecodesTheQuery) {
  EXPECT_EQ(ask("GET", "/v1/runs?x=1&q=a+b%26c&&z").response.body, "a b&c");
  EXPECT_EQ(ask("GET", "/v1/runs?q=first&q=last").response.body, "last");
}

TEST_F(RouterTest, AnswersHeadWithTheHandlerOfGet) { EXPECT_EQ(ask("HEAD", "/v1/runs/latest").response.status, 200); }

TEST_F(RouterTest, SaysWhichMethodsAPathKnows) {
  const Answer answer = ask("GET", "/v1/runs/7/cancel");
  EXPECT_EQ(answer.response.status, 405);
  EXPECT_EQ(base::find_header(answer.response.headers, "Allow"), "POST");
}

TEST_F(RouterTest, KnowsNothingElse) {
  for (const char* target : {"/", "/v1", "/v1/runs/", "/v1/runs/7/", "/v1/runs/7/cancel/now", "//v1/runs/7"}) {
    EXPECT_EQ(ask("GET", target).response.status, 404) << target;
  }
}

TEST_F(RouterTest, RefusesMalformedTargets) {
  for (const char* target : {"", "*", "http://elsewhere/v1/runs", "/v1/runs/%", "/v1/runs/%zz", "/v1/runs/%00", "/v1/runs?q=%0"}) {
    EXPECT_EQ(ask("GET", target).response.status, 400) << target;
  }
}

TEST(ProblemTest, EscapesWhatItQuotes) {
  const Response response = problem(422, "bad_amount", "amount \"x\"\n is wrong", "send a number");
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_THAT(response.body, HasSubstr(R"("detail":"amount \"x\"\n is wrong","hint":"send a number")"));
}

}  // namespace
}  // namespace countersign::http
