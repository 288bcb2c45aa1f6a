#include "services/query/timeline.h"

#include <algorithm>
#include <utility>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"
#include "projections/membership.h"

namespace parley {
namespace {

// How many entries one call looks at, at most: a page may stay short, so that no call takes long.
constexpr size_t kLookAt = 5000;
constexpr size_t kChunk = 500;

// The first sequence in [0, end) recorded at or after `time`; `end` where there is none. recorded_at never goes back.
absl::StatusOr<uint64_t> FirstRecordedFrom(const EventLog& log, const LedgerId& ledger, uint64_t end, absl::Time time) {
  uint64_t low = 0;
  while (low < end) {
    const uint64_t middle = low + (end - low) / 2;
    PARLEY_ASSIGN_OR_RETURN(const auto entries, log.Read(ledger, middle, {.entries = 1}));
    if (entries.empty()) return absl::InternalError("the log ends before it ends");
    if (FromProto(entries[0].header.recorded_at()) < time) {
      low = middle + 1;
    } else {
      end = middle;
    }
  }
  return low;
}

// Puts one page together.
class Lister {
 public:
  Lister(const QueryContext& context, const v1::ListTimelineEntriesRequest& request, LedgerId ledger,
         const v1::Membership& reader, const ProvenUpTo& proven, size_t size, v1::ListTimelineEntriesResponse& response)
      : log_(*context.log),
        keys_(context.person_keys),
        selection_(request.selection()),
        ledger_(std::move(ledger)),
        reader_(reader),
        proven_(proven),
        size_(size),
        response_(response) {}

  // Entries in [from, end), in order. Returns where to go on; nullopt at the end.
  absl::StatusOr<std::optional<uint64_t>> Forwards(uint64_t from, uint64_t end) {
    const std::string& stream = selection_.stream();
    for (size_t looked_at = 0; from < end && looked_at < kLookAt;) {
      const ReadLimit limit{.entries = kChunk};
      PARLEY_ASSIGN_OR_RETURN(const auto entries, stream.empty() ? log_.Read(ledger_, from, limit)
                                                                 : log_.ReadStream(ledger_, stream, from, limit));
      if (entries.empty()) return std::nullopt;
      for (const Entry& entry : entries) {
        if (entry.sequence() >= end) return std::nullopt;
        if (Full()) return entry.sequence();
        const absl::Status taken = Take(entry);
        if (!taken.ok() && !Empty()) return entry.sequence();  // What stands before it is shown first.
        PARLEY_RETURN_IF_ERROR(taken);
        from = entry.sequence() + 1;
        ++looked_at;
      }
    }
    return from < end ? std::optional(from) : std::nullopt;
  }

  // The same downwards: from end - 1 to `from`. Returns the end to go on with.
  absl::StatusOr<std::optional<uint64_t>> Backwards(uint64_t from, uint64_t end) {
    for (size_t looked_at = 0; from < end && looked_at < kLookAt;) {
      const uint64_t start = end - std::min<uint64_t>(end - from, kChunk);
      PARLEY_ASSIGN_OR_RETURN(const auto entries, ReadAll(start, end));
      for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
        if (Full()) return end;
        const absl::Status taken = Take(*entry);
        if (!taken.ok() && !Empty()) return end;
        PARLEY_RETURN_IF_ERROR(taken);
        end = entry->sequence();
        ++looked_at;
      }
    }
    return from < end ? std::optional(end) : std::nullopt;
  }

 private:
  bool Empty() const { return response_.timeline_entries().empty(); }
  bool Full() const { return static_cast<size_t>(response_.timeline_entries_size()) == size_; }

  // All of [start, end), however many reads that takes.
  absl::StatusOr<std::vector<Entry>> ReadAll(uint64_t start, uint64_t end) const {
    std::vector<Entry> out;
    while (start < end) {
      PARLEY_ASSIGN_OR_RETURN(auto entries, log_.Read(ledger_, start, {.entries = static_cast<size_t>(end - start)}));
      if (entries.empty()) return absl::InternalError("the log ends before it ends");
      start = entries.back().sequence() + 1;
      std::move(entries.begin(), entries.end(), std::back_inserter(out));
    }
    return out;
  }

  absl::Status Take(const Entry& entry) {
    PARLEY_ASSIGN_OR_RETURN(v1::TimelineEntry rendered, RenderEntry(entry, reader_, keys_, proven_));
    if (Selected(selection_, rendered)) *response_.add_timeline_entries() = std::move(rendered);
    return absl::OkStatus();
  }

  const EventLog& log_;
  const PersonKeys* const keys_;
  const v1::TimelineSelection& selection_;
  const LedgerId ledger_;
  const v1::Membership& reader_;
  const ProvenUpTo proven_;
  const size_t size_;
  v1::ListTimelineEntriesResponse& response_;
};

absl::Status AnswerListTimelineEntries(const QueryContext& context, const v1::ListTimelineEntriesRequest& request,
                                       v1::ListTimelineEntriesResponse& response) {
  PARLEY_ASSIGN_OR_RETURN(const LedgerId ledger, ReadableLedger(context, request.parent(), "parent"));
  PARLEY_ASSIGN_OR_RETURN(const auto reader, context.access.Member(ledger));
  PARLEY_RETURN_IF_ERROR(CheckSelection(request.selection()));
  PARLEY_ASSIGN_OR_RETURN(const size_t size, PageSize(request.page_size()));
  const bool newest_first = request.order() == v1::TIMELINE_ORDER_NEWEST_FIRST;
  const v1::TimelineSelection& selection = request.selection();
  const QueryIdentity identity = QueryIdentity()
                                     .Add("timeline")
                                     .Add(context.caller.principal)
                                     .Add(request.parent())
                                     .Add(Canonical(selection))
                                     .Add(newest_first ? "newest" : "oldest");
  PARLEY_ASSIGN_OR_RETURN(const std::string token, context.page_tokens.Decode(identity, request.page_token()));

  uint64_t from = 0;
  PARLEY_ASSIGN_OR_RETURN(uint64_t end, context.log->NextSequence(ledger));
  if (!token.empty()) (newest_first ? end : from) = ParseOrdered(token);
  if (selection.has_start_time()) {
    PARLEY_ASSIGN_OR_RETURN(const uint64_t first,
                            FirstRecordedFrom(*context.log, ledger, end, FromProto(selection.start_time())));
    from = std::max(from, first);
  }
  if (selection.has_end_time()) {
    PARLEY_ASSIGN_OR_RETURN(end, FirstRecordedFrom(*context.log, ledger, end, FromProto(selection.end_time())));
  }
  ProvenUpTo proven;
  if (context.proven) {
    PARLEY_ASSIGN_OR_RETURN(proven, context.proven(context.view, ledger));
  }
  Lister lister(context, request, ledger, reader, proven, size, response);
  PARLEY_ASSIGN_OR_RETURN(const std::optional<uint64_t> next,
                          newest_first ? lister.Backwards(from, end) : lister.Forwards(from, end));
  if (next) {
    std::string last;
    AppendOrdered(last, *next);
    response.set_next_page_token(context.page_tokens.Encode(identity, last));
  }
  return absl::OkStatus();
}

}  // namespace

void AddTimeline(std::map<std::string, QueryHandler>& handlers) {
  handlers[v1::ListTimelineEntriesRequest::descriptor()->full_name()] = MakeHandler({}, AnswerListTimelineEntries);
  // Of a watch, only the waiting for its token goes this way; TimelineWatch does the rest.
  handlers[v1::WatchTimelineRequest::descriptor()->full_name()] = {};
}

absl::StatusOr<std::unique_ptr<TimelineWatch>> TimelineWatch::Open(const EventLog& log, const PersonKeys* keys,
                                                                   const ReadSource& store, Runner& runner,
                                                                   Caller caller,
                                                                   const v1::WatchTimelineRequest& request,
                                                                   ReadProven proven) {
  PARLEY_ASSIGN_OR_RETURN(const LedgerId ledger, RelationshipNamed(request.parent(), "parent"));
  PARLEY_RETURN_IF_ERROR(CheckSelection(request.selection()));
  if (request.selection().has_end_time()) return InvalidField("selection.end_time", "a watch has no end");
  ReadView view(store, ledger);
  PARLEY_RETURN_IF_ERROR(RequireMember(view, caller, ledger).status());
  return std::unique_ptr<TimelineWatch>(
      new TimelineWatch(log, keys, store, runner, std::move(caller), ledger, request, std::move(proven)));
}

TimelineWatch::~TimelineWatch() { Stop(); }

void TimelineWatch::Stop() {
  uint64_t waiter = 0;
  {
    std::lock_guard lock(mu_);
    stopped_ = true;
    waiter = std::exchange(waiter_, 0);
  }
  runner_.Cancel(waiter);
}

absl::StatusOr<std::vector<v1::TimelineEntry>> TimelineWatch::Next(size_t max) {
  ReadView view(store_, ledger_);
  PARLEY_ASSIGN_OR_RETURN(const auto reader, RequireMember(view, caller_, ledger_));
  ProvenUpTo proven;
  if (proven_) {
    PARLEY_ASSIGN_OR_RETURN(proven, proven_(view, ledger_));
  }
  std::vector<v1::TimelineEntry> out;
  caught_up_ = false;
  for (size_t looked_at = 0; out.size() < max && looked_at < kLookAt && !caught_up_;) {
    PARLEY_ASSIGN_OR_RETURN(const auto entries, log_.Read(ledger_, next_, {.entries = std::min(max, kChunk)}));
    caught_up_ = entries.empty();
    for (const Entry& entry : entries) {
      if (out.size() == max) break;
      auto rendered = RenderEntry(entry, reader, keys_, proven);
      if (!rendered.ok() && !out.empty()) return out;
      if (!rendered.ok()) return rendered.status();
      if (Selected(selection_, *rendered)) out.push_back(*std::move(rendered));
      next_ = entry.sequence() + 1;
      ++looked_at;
    }
  }
  return out;
}

void TimelineWatch::NotifyWhenMore(std::function<void(absl::Status)> more) {
  uint64_t let_go = runner_.NotifyWhenApplied(MembershipProjection::kName, ledger_, next_, std::move(more));
  {
    std::lock_guard lock(mu_);
    // Of two, the one before, which has been called already: that may be this one, if its callback has waited again.
    if (!stopped_ && let_go > waiter_) std::swap(let_go, waiter_);
  }
  runner_.Cancel(let_go);
}

}  // namespace parley
