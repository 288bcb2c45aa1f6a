// Lists: pages that stay right while data changes, tokens that fit only their own query.
#include <map>
#include <set>

#include "eventstore/base/random.h"
#include "eventstore/base/status.h"
#include "services/query/base64url.h"
#include "tests/query/query_fixture.h"

namespace parley::test {
namespace {

class ListTest : public QueryTest {
 protected:
  ListTest() {
    World world;
    Chartered(world);
    Publish(world);
  }

  void Change(const std::string& id, const std::string& title) {
    log_.Propose("acme", id, title);
    ASSERT_TRUE(WaitUntilCaughtUp(*runner_, log_));
  }

  absl::StatusOr<v1::ListDecisionsResponse> List(const v1::ListDecisionsRequest& request,
                                                 const std::string& principal = "bea") {
    return Ask<v1::ListDecisionsResponse>(principal, request);
  }

  static v1::ListDecisionsRequest Request(int page_size, const std::string& order_by = "",
                                          const std::string& filter = "") {
    v1::ListDecisionsRequest request;
    request.set_parent(kAcme);
    request.set_page_size(page_size);
    request.set_order_by(order_by);
    request.set_filter(filter);
    return request;
  }
};

TEST_F(ListTest, GivesEverythingOnceInOrder) {
  for (const char* id : {"d3", "d1", "d10", "d2"}) Change(id, std::string("title of ") + id);
  for (const auto& [order, expected] :
       std::map<std::string, std::vector<std::string>>{{"", {"d1", "d10", "d2", "d3"}},
                                                       {"name desc", {"d3", "d2", "d10", "d1"}},
                                                       {"title desc", {"d3", "d2", "d10", "d1"}},
                                                       {"create_time", {"d3", "d1", "d10", "d2"}}}) {
    for (const int size : {1, 2, 3, 4, 100}) {
      std::vector<std::string> seen;
      auto request = Request(size, order);
      do {
        const auto page = List(request);
        ASSERT_TRUE(page.ok()) << page.status();
        EXPECT_LE(page->decisions_size(), size);
        for (const auto& decision : page->decisions())
          seen.push_back(decision.name().substr(InAcme("decisions/").size()));
        request.set_page_token(page->next_page_token());
      } while (!request.page_token().empty());
      EXPECT_EQ(seen, expected) << "order " << order << ", pages of " << size;
    }
  }
  const auto filtered = List(Request(10, "", "title = 'title of d2'"));
  ASSERT_EQ(filtered->decisions_size(), 1);
  EXPECT_EQ(filtered->decisions(0).name(), InAcme("decisions/d2"));
}

TEST_F(ListTest, WhatDoesNotChangeIsOnExactlyOnePage) {
  SeededRandom random(3);
  const auto draw = [&](int n) { return static_cast<unsigned char>(random.Bytes(1)[0]) % n; };
  std::set<std::string> still;  // Never touched after the paging began.
  for (int i = 0; i < 12; ++i) {
    const std::string id = "s" + std::to_string(draw(200));
    log_.Propose("acme", id, std::string(1, static_cast<char>('a' + draw(6))));
    still.insert(InAcme("decisions/" + id));
  }
  ASSERT_TRUE(WaitUntilCaughtUp(*runner_, log_));
  int changes = 0;
  for (const char* order : {"", "title", "title desc", "update_time desc", "title, create_time desc"}) {
    for (int round = 0; round < 4; ++round) {
      std::multiset<std::string> seen;
      auto request = Request(1 + draw(4), order);
      do {
        const auto page = List(request);
        ASSERT_TRUE(page.ok()) << page.status();
        for (const auto& decision : page->decisions()) seen.insert(decision.name());
        request.set_page_token(page->next_page_token());
        // New ones, and changed ones, before and behind where the page ended.
        const std::string id = "c" + std::to_string(draw(30));
        if (changes++ < 150) Change(id, std::string(1, static_cast<char>('a' + draw(6))));
      } while (!request.page_token().empty());
      for (const std::string& name : still) {
        EXPECT_EQ(seen.count(name), 1u) << name << " ordered by \"" << order << "\"";
      }
    }
  }
}

TEST_F(ListTest, ATokenFitsOnlyItsOwnQuery) {
  for (const char* id : {"d1", "d2", "d3"}) Change(id, "t");
  const auto first = Request(1);
  const std::string token = List(first)->next_page_token();
  ASSERT_FALSE(token.empty());
  auto good = first;
  good.set_page_token(token);
  good.set_page_size(2);  // May differ.
  EXPECT_EQ(List(good)->decisions_size(), 2);

  const auto refused = [&](const v1::ListDecisionsRequest& request, const std::string& principal = "bea") {
    return ReasonOf(List(request, principal).status()) == v1::REASON_PAGE_TOKEN_INVALID;
  };
  EXPECT_TRUE(refused(good, "pat")) << "another caller";
  auto other = good;
  other.set_order_by("title");
  EXPECT_TRUE(refused(other));
  other = good;
  other.set_filter("title = t");
  EXPECT_TRUE(refused(other));
  other = good;
  other.set_parent(InAcme("parties/buyer"));
  EXPECT_TRUE(refused(other));
  for (size_t i = 0; i < token.size(); ++i) {
    other = good;
    (*other.mutable_page_token())[i] = token[i] == 'A' ? 'B' : 'A';
    EXPECT_TRUE(refused(other)) << "changed at " << i;
  }
  other = good;
  other.set_page_token(token + "A");
  EXPECT_TRUE(refused(other));
  other.set_page_token("not a token");
  EXPECT_TRUE(refused(other));
  QueriesOptions options = Options();
  options.page_token_key = "the key of another server";
  v1::ListDecisionsResponse response;
  EXPECT_EQ(ReasonOf(Queries(options).Answer({"bea"}, good, response)), v1::REASON_PAGE_TOKEN_INVALID);
}

TEST_F(ListTest, RefusesWhatIsMalformed) {
  EXPECT_EQ(ReasonOf(List(Request(-1)).status()), v1::REASON_FIELD_INVALID);
  EXPECT_EQ(ReasonOf(List(Request(1, "nothing")).status()), v1::REASON_FILTER_INVALID);
  EXPECT_EQ(ReasonOf(List(Request(1, "", "nothing = 1")).status()), v1::REASON_FILTER_INVALID);
  auto request = Request(1);
  request.set_parent("acme");
  EXPECT_EQ(ReasonOf(List(request).status()), v1::REASON_FIELD_INVALID);
}

TEST_F(ListTest, RelationshipsAreThoseOfTheCaller) {
  for (const char* ledger : {"beta", "gamma"}) {
    v1::RelationshipEvent event;
    auto* party = event.mutable_established()->add_parties();
    party->set_party_id("buyer");
    party->set_first_member(std::string(ledger) == "beta" ? "bea" : "someone-else");
    event.mutable_established()->set_display_name(ledger);
    log_.Add(ledger, std::string("relationships/") + ledger, event);
  }
  ASSERT_TRUE(WaitUntilCaughtUp(*runner_, log_));
  v1::ListRelationshipsRequest request;
  const auto all = Ask<v1::ListRelationshipsResponse>("bea", request);
  ASSERT_EQ(all->relationships_size(), 2);
  EXPECT_EQ(all->relationships(0).name(), "relationships/acme");
  EXPECT_EQ(all->relationships(1).name(), "relationships/beta");
  request.set_page_size(1);
  request.set_order_by("name desc");
  auto page = Ask<v1::ListRelationshipsResponse>("bea", request);
  EXPECT_EQ(page->relationships(0).name(), "relationships/beta");
  request.set_page_token(page->next_page_token());
  page = Ask<v1::ListRelationshipsResponse>("bea", request);
  EXPECT_EQ(page->relationships(0).name(), "relationships/acme");
  EXPECT_EQ(page->next_page_token(), "");
  EXPECT_EQ(Ask<v1::ListRelationshipsResponse>("nobody", v1::ListRelationshipsRequest())->relationships_size(), 0);
}

}  // namespace
}  // namespace parley::test
