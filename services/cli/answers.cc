#include "services/cli/answers.h"

#include <string>

#include "services/cli/as_of.h"
#include "services/cli/field_text.h"
#include "services/cli/view.h"

namespace parley {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The resource that the answer wraps, beside token and basis at most; null where it is something else.
const FieldDescriptor* WrappedBy(const Descriptor& type) {
  const FieldDescriptor* resource = type.FindFieldByNumber(1);
  const int beside =
      (type.FindFieldByName("consistency_token") != nullptr) + (type.FindFieldByName("basis") != nullptr);
  const bool wraps = resource != nullptr && resource->message_type() != nullptr && !resource->is_repeated() &&
                     !HasTextForm(*resource->message_type()) && type.field_count() == 1 + beside;
  return wraps ? resource : nullptr;
}

}  // namespace

const FieldDescriptor* RowsOf(const Descriptor& answer) {
  if (answer.FindFieldByName("next_page_token") == nullptr) return nullptr;
  for (int i = 0; i < answer.field_count(); ++i) {
    if (answer.field(i)->is_repeated() && answer.field(i)->message_type() != nullptr) return answer.field(i);
  }
  return nullptr;
}

void PrintAnswer(Session& session, const Message& answer) {
  std::ostream& out = session.streams.out;
  const Descriptor& type = *answer.GetDescriptor();
  if (session.json) {
    out << ToJson(answer);
    return;
  }
  if (const FieldDescriptor* rows = RowsOf(type)) {
    PrintRows(out, session.screen, answer, *rows);
    if (answer.GetReflection()->FieldSize(answer, rows) == 0) {
      session.streams.err << session.err_screen.Paint(Tone::kDim, "none") << "\n";
    }
  } else if (const FieldDescriptor* resource = WrappedBy(type)) {
    PrintMessage(out, session.screen, answer.GetReflection()->GetMessage(answer, resource));
    const FieldDescriptor* token = type.FindFieldByName("consistency_token");
    const std::string text = token == nullptr ? "" : answer.GetReflection()->GetString(answer, token);
    if (!text.empty()) out << session.screen.Paint(Tone::kDim, "Consistency token  " + text) << "\n";
  } else {
    PrintMessage(out, session.screen, answer);
    return;
  }
  if (const std::string basis = BasisLine(answer); !basis.empty()) {
    out << session.screen.Paint(Tone::kDim, basis) << "\n";
  }
}

}  // namespace parley
