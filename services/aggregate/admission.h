// What is asked of every command besides its own rules, whatever it is about. The pipeline asks it before and after Decide, the
// recheck of history asks it again.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>

#include "absl/status/status.h"
#include "services/aggregate/context.h"
#include "services/aggregate/events.h"

namespace parley {

inline constexpr size_t kMaxTextBytes = 16 << 10;

// Refuses what no command may carry: a field or enum value that this server does not know (it would be stored unread), a
// text over 16 KiB, bytes over 64 KiB, a nonsense timestamp.
// `prefix` stands before the field paths in errors.
absl::Status CheckFields(const google::protobuf::Message& request, const std::string& prefix = "");

// Whether requests of this type create their target: they have no `name`, and `<singular>_id` is field 2 after `parent`, or
// field 1 without one.
bool CreatesTarget(const google::protobuf::Descriptor& request);

// NOT_FOUND where the target is not there, or is a party's own and the actor acts for another: such resources do not exist for
// anybody else. ALREADY_EXISTS where it is there and was to be created.
absl::Status CheckTarget(bool creates, const Context& context);

// EFFECTIVE_AT_INVALID where the command would take effect in the future.
absl::Status CheckNotInFuture(const Context& context);
// EFFECTIVE_AT_INVALID where one of the events would take effect before the latest one of its stream.
absl::Status CheckStreamOrder(const Events& events, const Context& context);

}  // namespace parley
