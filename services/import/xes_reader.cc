#include "services/import/xes_reader.h"

#include <expat.h>
#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>
#include <deque>
#include <unordered_set>

#include "absl/strings/str_cat.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/status.h"
#include "services/import/import_error.h"

namespace parley {
namespace {

constexpr int kBlockBytes = 64 << 10;
constexpr size_t kOverheadBytes = 64;  // What an attribute or event costs besides its text.
constexpr std::string_view kTime = "time:timestamp";
constexpr std::string_view kName = "concept:name";
constexpr std::string_view kAlwaysKept[] = {kName, "lifecycle:transition", "org:group", "org:role"};
constexpr std::string_view kPerson = "org:resource";

// What an element is, given where it stands.
enum class Element { kLog, kGlobal, kLogAttribute, kTrace, kEvent, kAttribute, kOther };

bool IsAttribute(std::string_view name) {
  static constexpr std::string_view kTypes[] = {"string", "date", "int", "float", "boolean", "id", "list", "container"};
  return std::find(std::begin(kTypes), std::end(kTypes), name) != std::end(kTypes);
}

struct GzClose {
  void operator()(gzFile file) const { gzclose(file); }
};
struct ParserFree {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};

uint64_t Fingerprint(std::string_view text) {
  uint64_t value = 0;
  for (unsigned char byte : Sha256(text).substr(0, 8)) value = (value << 8) | byte;
  return value;
}

}  // namespace

std::string_view XesValue(const XesAttributes& attributes, std::string_view key) {
  for (const auto& [k, v] : attributes) {
    if (k == key) return v;
  }
  return {};
}

std::optional<absl::Time> ParseImportedTime(std::string_view text) {
  static const absl::Time kFirst = absl::FromCivil(absl::CivilYear(1), absl::UTCTimeZone());
  static const absl::Time kLast = absl::FromCivil(absl::CivilYear(10000), absl::UTCTimeZone());
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, std::string(text), &time, &error)) return std::nullopt;
  if (time < kFirst || time >= kLast) return std::nullopt;  // Also "infinite-future", which ParseTime takes.
  return time;
}

class XesReader::Impl {
 public:
  Impl(gzFile file, uint64_t bytes_total, Pseudonymizer& pseudonymizer, XesOptions options)
      : file_(file), bytes_total_(bytes_total), pseudonymizer_(pseudonymizer), options_(std::move(options)) {
    parser_.reset(XML_ParserCreate(nullptr));
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(
        parser_.get(),
        [](void* self, const char* name, const char** atts) { static_cast<Impl*>(self)->Start(name, atts); },
        [](void* self, const char*) { static_cast<Impl*>(self)->End(); });
    XML_SetStartDoctypeDeclHandler(parser_.get(), [](void* self, const char*, const char*, const char*, int) {
      static_cast<Impl*>(self)->Fail(ImportProblem::kForbidden, "document type declarations are refused");
    });
  }

  absl::StatusOr<std::optional<XesTrace>> Next() {
    while (ready_.empty() && !done_ && status_.ok()) Feed();
    if (!ready_.empty()) {
      XesTrace trace = std::move(ready_.front());
      ready_.pop_front();
      summary_.traces += 1;
      summary_.events += trace.events.size();
      return std::optional<XesTrace>(std::move(trace));
    }
    PARLEY_RETURN_IF_ERROR(status_);
    return std::optional<XesTrace>();
  }

  const XesSummary& summary() const { return summary_; }
  XesProgress progress() const {
    if (done_) return {bytes_total_, bytes_total_};
    return {std::min(static_cast<uint64_t>(std::max<z_off_t>(gzoffset(file_.get()), 0)), bytes_total_), bytes_total_};
  }

 private:
  // Gives the parser one more block of the file.
  void Feed() {
    void* buffer = XML_GetBuffer(parser_.get(), kBlockBytes);
    if (buffer == nullptr) return Fail(ImportProblem::kTooLarge, "no memory for the next block");
    const int n = gzread(file_.get(), buffer, kBlockBytes);
    int error = Z_OK;
    gzerror(file_.get(), &error);
    if (n < 0) {
      if (error == Z_DATA_ERROR) return Fail(ImportProblem::kCorrupt, "the compressed data is damaged");
      return Fail(ImportProblem::kUnreadable, "the file cannot be read");
    }
    fed_ += n;
    const bool last = n < kBlockBytes;
    const bool cut = last && error == Z_BUF_ERROR;
    const XML_Status parsed = XML_ParseBuffer(parser_.get(), n, last && !cut);
    if (!status_.ok()) return;  // A handler has said why.
    if (parsed != XML_STATUS_OK) {
      const std::string why = XML_ErrorString(XML_GetErrorCode(parser_.get()));
      // An error behind the last byte is an end that came too early.
      const bool at_end = last && XML_GetErrorCode(parser_.get()) != XML_ERROR_JUNK_AFTER_DOC_ELEMENT &&
                          (XML_GetErrorCode(parser_.get()) == XML_ERROR_NO_ELEMENTS ||
                           XML_GetErrorCode(parser_.get()) == XML_ERROR_UNCLOSED_TOKEN ||
                           XML_GetErrorCode(parser_.get()) == XML_ERROR_PARTIAL_CHAR);
      return Fail(at_end ? ImportProblem::kTruncated : ImportProblem::kMalformed, absl::StrCat("XML: ", why));
    }
    if (cut) return Fail(ImportProblem::kTruncated, "the compressed file ends too early");
    if (last) {
      done_ = true;
      return;
    }
    const XML_Index parsed_to = XML_GetCurrentByteIndex(parser_.get());
    if (parsed_to >= 0 && fed_ - static_cast<uint64_t>(parsed_to) > options_.max_token_bytes + kBlockBytes) {
      Fail(ImportProblem::kTooLarge, absl::StrCat("a tag of more than ", options_.max_token_bytes, " bytes"));
    }
  }

  void Start(std::string_view name, const char** atts) {
    if (!status_.ok()) return;
    if (const size_t colon = name.find(':'); colon != std::string_view::npos) name.remove_prefix(colon + 1);
    if (stack_.size() >= options_.max_depth) {
      return Fail(ImportProblem::kTooLarge, absl::StrCat("more than ", options_.max_depth, " nested elements"));
    }
    if (stack_.empty()) {
      if (name != "log") return Fail(ImportProblem::kMalformed, "not a XES log: its root element is not <log>");
      return stack_.push_back(Element::kLog);
    }
    stack_.push_back(Child(stack_.back(), name, atts));
  }

  // Takes in the element `name` inside `parent`, and says what it is.
  Element Child(Element parent, std::string_view name, const char** atts) {
    const bool attribute = IsAttribute(name);
    switch (parent) {
      case Element::kLog:
        if (name == "trace") return BeginTrace();
        if (name == "global") return Element::kGlobal;
        if (name == "event") summary_.events_outside_cases += 1;
        if (!attribute) return Element::kOther;
        summary_.log_attributes_withheld += 1;
        return Element::kLogAttribute;
      case Element::kGlobal:
        if (attribute) declared_.insert(std::string(Find(atts, "key").value_or("")));
        return Element::kOther;
      case Element::kLogAttribute:
        if (attribute) summary_.log_attributes_withheld += 1;
        return Element::kLogAttribute;
      case Element::kTrace:
        if (name == "event") return BeginEvent();
        if (attribute) Take(trace_.attributes, name, atts);
        return attribute ? Element::kAttribute : Element::kOther;
      case Element::kEvent:
        if (attribute) Take(trace_.events.back().attributes, name, atts);
        return attribute ? Element::kAttribute : Element::kOther;
      case Element::kAttribute:
        if (attribute) summary_.nested_attributes_ignored += 1;
        return Element::kAttribute;
      case Element::kOther:
        return Element::kOther;
    }
    return Element::kOther;
  }

  void End() {
    if (!status_.ok()) return;
    const Element element = stack_.back();
    stack_.pop_back();
    if (element == Element::kEvent) EndEvent();
    if (element == Element::kTrace) EndTrace();
  }

  Element BeginTrace() {
    trace_ = {};
    trace_bytes_ = kOverheadBytes;
    trace_line_ = Line();
    return Element::kTrace;
  }

  Element BeginEvent() {
    XesEvent& event = trace_.events.emplace_back();
    event.index_in_case = static_cast<int>(trace_.events.size()) - 1;
    event.line = Line();
    event.time = absl::InfinitePast();
    Account(kOverheadBytes);
    return Element::kEvent;
  }

  void EndEvent() {
    const size_t count = trace_.events.size();
    const XesEvent& event = trace_.events.back();
    if (event.time == absl::InfinitePast()) {
      return FailAt(ImportProblem::kMissingTimestamp, event.line, "an event without time:timestamp");
    }
    if (count > 1 && event.time < trace_.events[count - 2].time) summary_.events_out_of_order += 1;
  }

  void EndTrace() {
    trace_.case_id = std::string(XesValue(trace_.attributes, kName));
    if (trace_.case_id.empty()) {
      return FailAt(ImportProblem::kMissingIdentifier, trace_line_, "a trace without concept:name");
    }
    if (!seen_.insert(Fingerprint(trace_.case_id)).second) {
      return FailAt(ImportProblem::kForbidden, trace_line_, "a second trace with the same concept:name");
    }
    ready_.push_back(std::move(trace_));
    trace_ = {};
  }

  void Take(XesAttributes& attributes, std::string_view type, const char** atts) {
    const std::string_view key = Find(atts, "key").value_or("");
    const std::optional<std::string_view> value = Find(atts, "value");
    if (key.empty()) return Fail(ImportProblem::kMalformed, "an attribute without a key");
    if (key == kTime && &attributes != &trace_.attributes) return TakeTime(value.value_or(""));
    const bool person = key == kPerson || options_.person_keys.contains(key);
    const bool kept = person || options_.keep.contains(key) ||
                      std::find(std::begin(kAlwaysKept), std::end(kAlwaysKept), key) != std::end(kAlwaysKept);
    if (!kept || !value) {
      summary_.attributes_not_kept[declared_.contains(key) ? std::string(key) : ""] += 1;
      return;
    }
    if (value->size() > options_.max_value_bytes) {
      return Fail(ImportProblem::kTooLarge, absl::StrCat("a value of more than ", options_.max_value_bytes, " bytes"));
    }
    const bool twice = std::any_of(attributes.begin(), attributes.end(),
                                   [&](const auto& attribute) { return attribute.first == key; });
    if (twice) return Fail(ImportProblem::kForbidden, "an attribute key stands twice in one element");
    attributes.emplace_back(key, person ? pseudonymizer_.Handle(*value) : std::string(*value));
    Account(kOverheadBytes + key.size() + value->size());
  }

  void TakeTime(std::string_view text) {
    const std::optional<absl::Time> time = ParseImportedTime(text);
    if (!time) return Fail(ImportProblem::kMissingTimestamp, "time:timestamp is not a date and time with a time zone");
    trace_.events.back().time = *time;
  }

  void Account(size_t bytes) {
    trace_bytes_ += bytes;
    if (trace_bytes_ > options_.max_trace_bytes) {
      FailAt(ImportProblem::kTooLarge, trace_line_,
             absl::StrCat("a trace of more than ", options_.max_trace_bytes, " bytes"));
    }
  }

  static std::optional<std::string_view> Find(const char** atts, std::string_view name) {
    for (; *atts != nullptr; atts += 2) {
      if (name == atts[0]) return std::string_view(atts[1]);
    }
    return std::nullopt;
  }

  uint64_t Line() const { return XML_GetCurrentLineNumber(parser_.get()); }
  void Fail(ImportProblem problem, std::string_view message) { FailAt(problem, Line(), message); }
  void FailAt(ImportProblem problem, uint64_t line, std::string_view message) {
    if (!status_.ok()) return;  // The first thing wrong counts.
    status_ = ImportError(problem, line, message);
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  std::unique_ptr<gzFile_s, GzClose> file_;
  const uint64_t bytes_total_;
  Pseudonymizer& pseudonymizer_;
  const XesOptions options_;
  std::unique_ptr<XML_ParserStruct, ParserFree> parser_;

  uint64_t fed_ = 0;
  bool done_ = false;
  absl::Status status_;
  XesSummary summary_;

  std::vector<Element> stack_;
  std::set<std::string, std::less<>> declared_;  // Keys of <global> attributes.
  XesTrace trace_;
  size_t trace_bytes_ = 0;
  uint64_t trace_line_ = 0;
  std::unordered_set<uint64_t> seen_;  // Fingerprints of case ids.
  std::deque<XesTrace> ready_;
};

XesReader::XesReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
XesReader::~XesReader() = default;

absl::StatusOr<std::unique_ptr<XesReader>> XesReader::Open(const std::string& path, Pseudonymizer& pseudonymizer,
                                                           XesOptions options) {
  struct stat info = {};
  gzFile file = nullptr;
  if (stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode)) file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return ImportError(ImportProblem::kUnreadable, 0, absl::StrCat("cannot open ", path));
  gzbuffer(file, 256 << 10);
  auto impl = std::make_unique<Impl>(file, static_cast<uint64_t>(info.st_size), pseudonymizer, std::move(options));
  return std::unique_ptr<XesReader>(new XesReader(std::move(impl)));
}

absl::StatusOr<std::optional<XesTrace>> XesReader::Next() { return impl_->Next(); }
const XesSummary& XesReader::summary() const { return impl_->summary(); }
XesProgress XesReader::progress() const { return impl_->progress(); }

}  // namespace parley
