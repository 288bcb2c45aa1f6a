#include "services/import/xes_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "services/import/pseudonymizer.h"
#include "tests/import/import_test_util.h"

namespace parley {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

constexpr char kKey[] = "a key that nobody can guess";

std::string Event(const std::string& person, const std::string& time, const std::string& more = "") {
  return absl::StrCat("<event>\n<string key='org:resource' value='", person,
                      "'/>\n<string key='concept:name' value='Accepted'/>\n<date key='time:timestamp' value='", time,
                      "'/>\n", more, "</event>\n");
}

std::string Trace(const std::string& id, const std::string& events) {
  return absl::StrCat("<trace>\n<string key='concept:name' value='", id, "'/>\n", events, "</trace>\n");
}

std::string Log(const std::string& content) {
  return absl::StrCat("<?xml version='1.0' encoding='UTF-8'?>\n<log xes.version='1.0'>\n", content, "</log>\n");
}

struct Result {
  std::vector<XesTrace> traces;
  absl::Status status;
  XesSummary summary;
};

Result ReadFile(const std::string& path, XesOptions options = {}) {
  Result result;
  Pseudonymizer pseudonymizer = Pseudonymizer::Create(kKey).value();
  auto reader = XesReader::Open(path, pseudonymizer, std::move(options));
  if (!reader.ok()) {
    result.status = reader.status();
    return result;
  }
  while (true) {
    auto trace = (*reader)->Next();
    if (!trace.ok()) {
      result.status = trace.status();
      EXPECT_EQ((*reader)->Next().status(), result.status) << "an error lasts";
      break;
    }
    if (!*trace) break;
    result.traces.push_back(**std::move(trace));
  }
  result.summary = (*reader)->summary();
  return result;
}

Result Read(const std::string& content, XesOptions options = {}) {
  TempFile file(content);
  return ReadFile(file.path(), std::move(options));
}

TEST(Pseudonymizer, GivesTheSameHandleForTheSameNameAndKeyOnly) {
  Pseudonymizer a = Pseudonymizer::Create(kKey).value();
  Pseudonymizer again = Pseudonymizer::Create(kKey).value();
  Pseudonymizer other = Pseudonymizer::Create("another key of enough bytes").value();
  const std::string handle = a.Handle("Anna");
  EXPECT_TRUE(std::regex_match(handle, std::regex("p-[a-z2-7]{16}"))) << handle;
  EXPECT_EQ(a.Handle("Anna"), handle);
  EXPECT_EQ(again.Handle("Anna"), handle);
  EXPECT_NE(a.Handle("anna"), handle);
  EXPECT_NE(other.Handle("Anna"), handle);
  EXPECT_EQ(a.Handle(""), "");
}

TEST(Pseudonymizer, IsTheFirst80BitsOfHmacSha256) {
  // RFC 4231, test case 1: HMAC-SHA-256 = b0344c61d8db38535ca8…, as base32.
  Pseudonymizer p = Pseudonymizer::Create(std::string(20, '\x0b')).value();
  EXPECT_EQ(p.Handle("Hi There"), "p-wa2eyyoy3m4fgxfi");
}

TEST(Pseudonymizer, RefusesAKeyThatCanBeGuessed) {
  EXPECT_FALSE(Pseudonymizer::Create("short").ok());
  EXPECT_FALSE(Pseudonymizer::Create("").ok());
}

TEST(XesReader, ReadsCasesAndEventsInFileOrder) {
  const std::string log =
      Log(Trace("1-1", Event("Anna", "2010-03-31T16:59:42.5+02:00", "<string key='org:group' value='V5 3rd'/>") +
                           Event("Bertil", "2010-03-31T16:00:00Z")) +
          Trace("1-2", ""));
  for (const std::string& content : {log, Gzip(log)}) {
    Result result = Read(content);
    ASSERT_TRUE(result.status.ok()) << result.status;
    ASSERT_EQ(result.traces.size(), 2u);
    const XesTrace& trace = result.traces[0];
    EXPECT_EQ(trace.case_id, "1-1");
    ASSERT_EQ(trace.events.size(), 2u);
    EXPECT_EQ(trace.events[0].index_in_case, 0);
    EXPECT_EQ(trace.events[0].line, 5u);
    EXPECT_EQ(trace.events[0].activity(), "Accepted");
    EXPECT_EQ(trace.events[0].group(), "V5 3rd");
    EXPECT_EQ(trace.events[0].lifecycle(), "");
    EXPECT_EQ(trace.events[0].time, absl::FromUnixMillis(1270047582500));
    EXPECT_EQ(trace.events[1].index_in_case, 1);
    EXPECT_EQ(trace.events[1].time, absl::FromUnixSeconds(1270051200));
    EXPECT_EQ(result.traces[1].case_id, "1-2");
    EXPECT_THAT(result.traces[1].events, IsEmpty());
    EXPECT_EQ(result.summary.traces, 2u);
    EXPECT_EQ(result.summary.events, 2u);
    EXPECT_EQ(result.summary.events_out_of_order, 0u);
  }
}

TEST(XesReader, NamesBecomeHandlesAndNeverPass) {
  XesOptions options;
  options.keep = {"owner", "org:resource", "impact"};
  options.person_keys = {"owner"};
  Result result =
      Read(Log("<float key='meta' value='1'><float key='Anna' value='0.1'/></float>\n"
               "<string key='Bertil' value='x'/>\n" +
               Trace("1", "<string key='org:resource' value='Carin'/>\n" +
                              Event("Anna", "2010-03-31T16:00:00Z",
                                    "<string key='owner' value='Bertil'><string key='Anna' value='Bertil'/></string>"
                                    "<string key='impact' value='Low'/>"))),
           options);
  ASSERT_TRUE(result.status.ok()) << result.status;
  Pseudonymizer pseudonymizer = Pseudonymizer::Create(kKey).value();
  const XesTrace& trace = result.traces.at(0);
  EXPECT_EQ(trace.events[0].person(), pseudonymizer.Handle("Anna"));
  EXPECT_EQ(trace.events[0].Value("owner"), pseudonymizer.Handle("Bertil"));
  EXPECT_EQ(trace.events[0].Value("impact"), "Low");
  EXPECT_EQ(XesValue(trace.attributes, "org:resource"), pseudonymizer.Handle("Carin"));
  std::string everything = trace.case_id;
  for (const auto& [key, value] : trace.attributes) absl::StrAppend(&everything, key, value);
  for (const auto& [key, value] : trace.events[0].attributes) absl::StrAppend(&everything, key, value);
  for (const auto& [key, count] : result.summary.attributes_not_kept) everything += key;
  for (const char* name : {"Anna", "Bertil", "Carin"}) EXPECT_THAT(everything, Not(HasSubstr(name)));
  EXPECT_EQ(result.summary.log_attributes_withheld, 3u);
  EXPECT_EQ(result.summary.nested_attributes_ignored, 1u);
}

TEST(XesReader, CountsWhatItDoesNotPassOn) {
  Result result = Read(Log(
      "<global scope='event'>\n<string key='impact' value='UNKNOWN'/>\n</global>\n"
      "<event><date key='time:timestamp' value='2010-03-31T16:00:00Z'/></event>\n" +
      Trace("1", Event("A", "2010-03-31T16:00:00Z", "<string key='impact' value='Low'/><string key='Kim' value='x'/>") +
                     Event("A", "2010-03-31T15:00:00Z", "<string key='impact' value='High'/>"))));
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(result.summary.attributes_not_kept, ElementsAre(Pair("", 1), Pair("impact", 2)));
  EXPECT_EQ(result.summary.events_outside_cases, 1u);
  EXPECT_EQ(result.summary.events_out_of_order, 1u);
  EXPECT_EQ(result.traces[0].events[0].Value("impact"), "");
}

TEST(XesReader, TakesNamespacePrefixesAndOtherEncodings) {
  Result result = Read(
      "<?xml version='1.0' encoding='ISO-8859-1'?><x:log xmlns:x='http://www.xes-standard.org/'><x:trace>"
      "<x:string key='concept:name' value='K\xe5re'/></x:trace></x:log>");
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.traces.at(0).case_id, "K\xc3\xa5re");
}

TEST(XesReader, GivesOutCasesBeforeTheErrorBehindThem) {
  Result result = Read(Log(Trace("1", Event("A", "2010-03-31T16:00:00Z")) + "<trace>\n<oops\n</trace>"));
  EXPECT_EQ(result.traces.size(), 1u);
  const ImportErrorInfo info = Problem(result.status);
  EXPECT_EQ(info.problem, ImportProblem::kMalformed);
  EXPECT_EQ(info.line, 13u);
}

struct BadLog {
  const char* name;
  std::string content;
  ImportProblem problem;
  uint64_t line;
};

class XesReaderRefuses : public testing::TestWithParam<BadLog> {};

TEST_P(XesReaderRefuses, WithTheProblemAndItsLine) {
  XesOptions options;
  options.max_value_bytes = 1000;
  options.max_trace_bytes = 4000;
  options.max_token_bytes = 100'000;
  options.max_depth = 10;
  Result result = Read(GetParam().content, options);
  const ImportErrorInfo info = Problem(result.status);
  EXPECT_EQ(info.problem, GetParam().problem) << result.status;
  EXPECT_EQ(info.line, GetParam().line) << result.status;
  EXPECT_THAT(std::string(result.status.message()), Not(HasSubstr("Anna")));
}

std::string Deep(int levels) {
  std::string open, close;
  for (int i = 0; i < levels; ++i) {
    open += "<string key='k' value='v'>";
    close += "</string>";
  }
  return open + close;
}

std::string Repeat(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

const char kEntities[] =
    "<?xml version='1.0'?>\n<!DOCTYPE log [\n<!ENTITY a 'aaaaaaaaaa'>\n<!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>\n"
    "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'>]>\n<log><trace><string key='concept:name' "
    "value='&c;'/></trace></log>";
const char kExternal[] =
    "<!DOCTYPE log [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>\n<log><trace><string key='concept:name' value='1'/>&x;"
    "</trace></log>";

INSTANTIATE_TEST_SUITE_P(
    Logs, XesReaderRefuses,
    testing::Values(
        BadLog{"Empty", "", ImportProblem::kTruncated, 1},
        BadLog{"NotXml", "case;time\n1;2010\n", ImportProblem::kMalformed, 1},
        BadLog{"AnotherRoot", "\n<html/>", ImportProblem::kMalformed, 2},
        BadLog{"MismatchedTags", "<log>\n<trace>\n</log>", ImportProblem::kMalformed, 3},
        BadLog{"CutOff", Log("").substr(0, 50), ImportProblem::kTruncated, 2},
        BadLog{"CutInATag", "<log>\n<trace", ImportProblem::kTruncated, 2},
        BadLog{"EntityBomb", kEntities, ImportProblem::kForbidden, 2},
        BadLog{"ExternalEntity", kExternal, ImportProblem::kForbidden, 1},
        BadLog{"NoTime", Log(Trace("1", "<event>\n<string key='org:resource' value='Anna'/>\n</event>")),
               ImportProblem::kMissingTimestamp, 5},
        BadLog{"TimeWithoutZone", Log(Trace("1", Event("Anna", "2010-03-31T16:00:00"))),
               ImportProblem::kMissingTimestamp, 8},
        BadLog{"TimeWithoutEnd", Log(Trace("1", Event("Anna", "infinite-future"))), ImportProblem::kMissingTimestamp,
               8},
        BadLog{"CaseWithoutId", Log("<trace>\n</trace>"), ImportProblem::kMissingIdentifier, 3},
        BadLog{"CaseTwice", Log(Trace("Anna", "") + Trace("B", "") + Trace("Anna", "")), ImportProblem::kForbidden, 9},
        BadLog{"KeyTwice",
               Log(Trace("1", Event("Anna", "2010-03-31T16:00:00Z", "<string key='org:resource' value='B'/>"))),
               ImportProblem::kForbidden, 9},
        BadLog{"AttributeWithoutKey", Log(Trace("1", "<string value='Anna'/>")), ImportProblem::kMalformed, 5},
        BadLog{"TooDeep", Log(Trace("1", Deep(20))), ImportProblem::kTooLarge, 5},
        BadLog{"LongValue", Log(Trace(std::string(1001, 'x'), "")), ImportProblem::kTooLarge, 4},
        BadLog{"LongTag", "<log>\n<trace>\n<string key='concept:name' value='" + std::string(1 << 20, 'x'),
               ImportProblem::kTooLarge, 3},
        BadLog{"ManyEvents",
               Log("\n" + Trace("1", Repeat("<event><date key='time:timestamp' "
                                            "value='2010-03-31T16:00:00Z'/></event>\n",
                                            100))),
               ImportProblem::kTooLarge, 4}),
    [](const auto& info) { return info.param.name; });

TEST(XesReader, TellsATruncatedFromADamagedGzip) {
  std::string body;
  for (int i = 0; i < 2000; ++i)
    body += Trace(std::to_string(i), Event(std::to_string(i * 7919), "2010-03-31T16:00:00Z"));
  const std::string gz = Gzip(Log(body));
  for (size_t keep : {gz.size() / 2, gz.size() - 4, size_t{20}}) {
    Result result = Read(gz.substr(0, keep));
    EXPECT_EQ(Problem(result.status).problem, ImportProblem::kTruncated) << keep << " " << result.status;
  }
  std::string damaged = gz;
  damaged[damaged.size() - 6] ^= 1;  // In the checksum.
  EXPECT_EQ(Problem(Read(damaged).status).problem, ImportProblem::kCorrupt);
}

TEST(XesReader, SaysWhenThereIsNoFile) {
  EXPECT_EQ(Problem(ReadFile("/nonexistent/log.xes").status).problem, ImportProblem::kUnreadable);
  EXPECT_EQ(Problem(ReadFile(testing::TempDir()).status).problem, ImportProblem::kUnreadable);
}

TEST(XesReader, ReportsProgressInStoredBytes) {
  std::string body;
  for (int i = 0; i < 5000; ++i)
    body += Trace(std::to_string(i), Event(std::to_string(i * 7919), "2010-03-31T16:00:00Z"));
  const std::string gz = Gzip(Log(body));
  TempFile file(gz);
  Pseudonymizer pseudonymizer = Pseudonymizer::Create(kKey).value();
  auto reader = XesReader::Open(file.path(), pseudonymizer).value();
  EXPECT_EQ(reader->progress().bytes_total, gz.size());
  uint64_t last = 0;
  while (true) {
    auto trace = reader->Next();
    ASSERT_TRUE(trace.ok()) << trace.status();
    const uint64_t now = reader->progress().bytes_read;
    EXPECT_GE(now, last);
    EXPECT_LE(now, gz.size());
    last = now;
    if (!*trace) break;
  }
  EXPECT_EQ(last, gz.size());
}

}  // namespace
}  // namespace parley
