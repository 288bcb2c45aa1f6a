#include "services/cli/dashboards.h"

#include <map>
#include <string>

#include "services/cli/as_of.h"
#include "services/cli/drawings.h"
#include "services/cli/field_text.h"
#include "services/cli/text.h"
#include "services/cli/view.h"

namespace parley {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// True where every field is a count or a duration.
bool IsSummary(const google::protobuf::Descriptor& type) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.is_repeated() || field.cpp_type() != FieldDescriptor::CPPTYPE_INT32) return false;
  }
  return type.field_count() > 0;
}

void DrawByFields(const Message& answer, Canvas& canvas) {
  const auto& type = *answer.GetDescriptor();
  const auto& reflection = *answer.GetReflection();
  const auto* read_time = type.FindFieldByName("read_time");
  std::string title = KebabCase(type.name());
  for (const std::string_view affix : {"get-", "-response"}) {
    if (const size_t at = title.find(affix); at != std::string::npos) title.erase(at, affix.size());
  }
  canvas.Title(Humanized(title), read_time == nullptr ? "" : "as of " + CellOf(answer, *read_time).text);
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (&field == read_time || field.name() == "basis") continue;
    if (field.message_type() == nullptr || HasTextForm(*field.message_type())) {
      const Cell cell = CellOf(answer, field);
      if (!cell.text.empty()) canvas.Line(Humanized(field.name()) + "  " + cell.text, cell.tone);
    } else if (field.is_repeated()) {
      canvas.Section(Humanized(field.name()));
      if (reflection.FieldSize(answer, &field) == 0) canvas.Line("none", Tone::kDim);
      PrintList(canvas.out(), canvas.screen(), answer, field, 2);
    } else if (IsSummary(*field.message_type())) {
      const Message& summary = reflection.GetMessage(answer, &field);
      std::vector<Tile> tiles;
      for (int n = 0; n < field.message_type()->field_count(); ++n) {
        const FieldDescriptor* count = field.message_type()->field(n);
        tiles.push_back({reflection.GetMessage(answer, &field).GetReflection()->GetInt32(summary, count),
                         KebabCase(count->name())});
      }
      canvas.Tiles(tiles);
    } else {
      canvas.Section(Humanized(field.name()));
      PrintMessage(canvas.out(), canvas.screen(), reflection.GetMessage(answer, &field), 2);
    }
  }
}

// The message as the type that the drawing takes: it may have been made from descriptors alone.
template <class T>
void DrawAs(const Message& answer, Canvas& canvas) {
  T typed;
  typed.ParseFromString(answer.SerializeAsString());
  Draw(typed, canvas);
}

}  // namespace

BoardName NameOfBoard(const Verb& verb) {
  BoardName out{.name = verb.name};
  if (out.name.starts_with("get-")) out.name.erase(0, 4);
  if (out.name.ends_with("-view")) {
    out.alias = out.name.substr(0, out.name.find('-'));
  } else if (const size_t last = out.name.rfind('-'); last != std::string::npos) {
    out.alias = out.name.substr(last + 1);
  }
  return out;
}

void DrawDashboard(const Message& answer, Canvas& canvas) {
  static const std::map<std::string, void (*)(const Message&, Canvas&)> kDrawings = {
      {"parley.v1.GetActivityViewResponse", DrawAs<v1::GetActivityViewResponse>},
      {"parley.v1.GetCoverageResponse", DrawAs<v1::GetCoverageResponse>},
      {"parley.v1.GetDecisionRegisterResponse", DrawAs<v1::GetDecisionRegisterResponse>},
      {"parley.v1.GetDocketResponse", DrawAs<v1::GetDocketResponse>},
      {"parley.v1.GetOverviewResponse", DrawAs<v1::GetOverviewResponse>},
      {"parley.v1.GetPortfolioResponse", DrawAs<v1::GetPortfolioResponse>},
      {"parley.v1.GetScoreboardResponse", DrawAs<v1::GetScoreboardResponse>},
  };
  const auto drawing = kDrawings.find(answer.GetDescriptor()->full_name());
  (drawing == kDrawings.end() ? DrawByFields : drawing->second)(answer, canvas);
  if (const std::string basis = BasisLine(answer); !basis.empty()) {
    canvas.Section("Basis");
    canvas.Line(basis, Tone::kDim);
  }
}

}  // namespace parley
