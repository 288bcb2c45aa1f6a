#include "services/query/resource_query.h"

#include <map>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"
#include "projections/resources.h"
#include "services/aggregate/aggregate.h"
#include "services/query/filter.h"
#include "services/query/past.h"
#include "services/query/reveal.h"

namespace parley {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The field of a response that holds the resource, or resources.
const FieldDescriptor* ResourceField(const Message& response) { return response.GetDescriptor()->FindFieldByNumber(1); }

// One page being put together: the first `size` items after the last page's end, and whether there are more.
class Page {
 public:
  Page(const OrderBy& order, const Filter& filter, std::string after, size_t size)
      : order_(order), filter_(filter), after_(std::move(after)), size_(size) {}

  // False: nothing that comes later in name order can be on this page.
  absl::StatusOr<bool> Offer(std::string_view bytes, const Message& prototype) {
    std::unique_ptr<Message> resource(prototype.New());
    if (!resource->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return absl::DataLossError("a row of the read store does not parse");
    }
    if (!filter_.Matches(*resource)) return true;
    std::string key = order_.KeyOf(*resource);
    if (key <= after_) return true;
    items_.emplace(std::move(key), std::move(resource));
    if (items_.size() > size_ + 1) items_.erase(std::prev(items_.end()));
    return !(order_.by_name_only() && items_.size() > size_);
  }

  // Moves the items into `response`; the sort key of the last one, empty where no more follow.
  std::string MoveInto(Message& response) {
    const bool more = items_.size() > size_;
    if (more) items_.erase(std::prev(items_.end()));
    for (auto& [key, resource] : items_) {
      response.GetReflection()->AddAllocatedMessage(&response, ResourceField(response), resource.release());
    }
    return more ? items_.rbegin()->first : "";
  }

 private:
  const OrderBy& order_;
  const Filter& filter_;
  const std::string after_;
  const size_t size_;
  std::map<std::string, std::unique_ptr<Message>> items_;
};

absl::Status OfferRelationships(const QueryContext& context, const Message& prototype, Page& page) {
  PARLEY_ASSIGN_OR_RETURN(const auto ledgers, context.access.Ledgers());
  for (const LedgerId& ledger : ledgers) {
    // One that stopped fails the list: leaving it out, or showing what it was, would be wrong in silence.
    const char* const model = ResourcesProjection::kName;
    PARLEY_RETURN_IF_ERROR(context.view.RequireFollowed(model, ledger));
    const std::string key = ResourceRows::Key({ledger, "", "relationships", ledger.str()});
    PARLEY_ASSIGN_OR_RETURN(const auto bytes, context.view.GetBytes(model, ledger, key));
    if (!bytes) continue;  // The membership model is a little ahead.
    PARLEY_ASSIGN_OR_RETURN(const bool more, page.Offer(*bytes, prototype));
    if (!more) break;
  }
  return absl::OkStatus();
}

absl::Status OfferChildren(const QueryContext& context, const AggregateType& type, const std::string& parent,
                           const std::string& after_name, Page& page) {
  const auto parsed = ParentName::Parse(parent);
  if (!parsed) {
    return InvalidField("parent", "not of the form relationships/{relationship} or …/parties/{party}");
  }
  PARLEY_ASSIGN_OR_RETURN(const auto membership, context.access.Member(parsed->ledger));
  if (!parsed->owner.empty() && !ReadsPrivateOf(membership, parsed->owner)) return NoSuchResource(parent);
  const char* const model = ResourceRows::ModelOf(parsed->owner);
  PARLEY_RETURN_IF_ERROR(context.view.RequireFollowed(model, parsed->ledger));
  const auto after = ResourceName::Parse(after_name);
  const std::string prefix = ResourceRows::Prefix(type.collection, parsed->owner);
  absl::Status status;
  PARLEY_RETURN_IF_ERROR(context.view.Scan(model, parsed->ledger, after ? ResourceRows::Key(*after) : prefix, prefix,
                                           [&](std::string_view, std::string_view bytes) {
                                             const auto more = page.Offer(bytes, *type.resource);
                                             status = more.status();
                                             return more.ok() && *more;
                                           }));
  return status;
}

}  // namespace

absl::Status AnswerGet(const QueryContext& context, const Message& request, Message& response) {
  const AggregateType* type = AggregateOfResource(ResourceField(response)->message_type());
  const std::string name = StringField(request, "name");
  const auto parsed = ResourceName::Parse(name);
  if (!parsed || parsed->collection != type->collection) {
    return InvalidField("name", "not the name of one of " + std::string(type->collection));
  }
  const auto membership = context.access.Member(parsed->ledger);
  if (absl::IsNotFound(membership.status())) return NoSuchResource(name);
  if (!membership.ok()) return membership.status();
  if (!parsed->owner.empty() && !ReadsPrivateOf(*membership, parsed->owner)) return NoSuchResource(name);
  const char* const model = ResourceRows::ModelOf(parsed->owner);
  PARLEY_RETURN_IF_ERROR(context.view.RequireFollowed(model, parsed->ledger));
  PARLEY_ASSIGN_OR_RETURN(const auto bytes, context.view.GetBytes(model, parsed->ledger, ResourceRows::Key(*parsed)));
  if (!bytes) return NoSuchResource(name);
  Message* resource = response.GetReflection()->MutableMessage(&response, ResourceField(response));
  if (!resource->ParseFromString(*bytes)) return absl::DataLossError("the row of " + name + " does not parse");
  return RevealResource(context.read_entry, context.person_keys, UINT64_MAX, *resource);
}

absl::Status AnswerList(const QueryContext& context, const Message& request, Message& response) {
  const AggregateType* type = AggregateOfResource(ResourceField(response)->message_type());
  const auto* descriptor = request.GetDescriptor();
  const std::string parent = StringField(request, "parent");
  const std::string filter_text = StringField(request, "filter");
  const std::string order_text = StringField(request, "order_by");
  PARLEY_ASSIGN_OR_RETURN(const size_t size, PageSize(request.GetReflection()->GetInt32(
                                                 request, descriptor->FindFieldByName("page_size"))));
  PARLEY_ASSIGN_OR_RETURN(const Filter filter, Filter::Parse(filter_text, type->resource->GetDescriptor()));
  PARLEY_ASSIGN_OR_RETURN(const OrderBy order, OrderBy::Parse(order_text, type->resource->GetDescriptor()));
  const v1::AsOf* const as_of = AsOfIn(request);
  const bool relationships = type->collection == "relationships";
  const QueryIdentity identity = QueryIdentity()
                                     .Add(descriptor->full_name())
                                     .Add(context.caller.principal)
                                     .Add(relationships ? "" : parent)
                                     .Add(filter_text)
                                     .Add(order_text)
                                     .Add(as_of == nullptr ? "" : "as of " + Canonical(*as_of));
  PARLEY_ASSIGN_OR_RETURN(const std::string after,
                          context.page_tokens.Decode(identity, StringField(request, "page_token")));
  Page page(order, filter, after, size);
  PARLEY_RETURN_IF_ERROR(relationships
                             ? OfferRelationships(context, *type->resource, page)
                             : OfferChildren(context, *type, parent, order.by_name_only() ? after : "", page));
  const std::string last = page.MoveInto(response);
  for (int i = 0; i < response.GetReflection()->FieldSize(response, ResourceField(response)); ++i) {
    Message* resource = response.GetReflection()->MutableRepeatedMessage(&response, ResourceField(response), i);
    PARLEY_RETURN_IF_ERROR(RevealResource(context.read_entry, context.person_keys, UINT64_MAX, *resource));
  }
  if (!last.empty()) {
    response.GetReflection()->SetString(&response, response.GetDescriptor()->FindFieldByNumber(2),
                                        context.page_tokens.Encode(identity, last));
  }
  return absl::OkStatus();
}

}  // namespace parley
