// gRPC for people: one line per RPC, but for the one that waits until nothing is left.
#include "parley/v1/person.grpc.pb.h"
#include "services/command/eraser.h"
#include "services/person/person.h"
#include "services/server/calls.h"
#include "services/server/services.h"

namespace parley {
namespace {

class PersonServiceImpl final : public v1::PersonService::CallbackService {
 public:
  explicit PersonServiceImpl(Calls& calls) : calls_(calls) {}

  PARLEY_COMMAND(Person, RegisterPerson)
  PARLEY_COMMAND(Person, ChangePersonProfile)
  PARLEY_COMMAND(Person, CommentOnPerson)
  grpc::ServerUnaryReactor* ErasePerson(grpc::CallbackServerContext* context, const v1::ErasePersonRequest* request,
                                        v1::ErasePersonResponse* response) override {
    return calls_.Command<v1::Person>(
        context, request, response, [this](const Answer& answer, absl::Duration patience, Calls::Done done) {
          // A relationship that has a person has an entry.
          calls_.eraser()->WhenErased(answer.ledger, answer.sequence.value_or(0), patience, std::move(done));
        });
  }
  PARLEY_QUERY(GetPerson)
  PARLEY_QUERY(ListPersons)

 private:
  Calls& calls_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakePersonService(Calls& calls) { return std::make_unique<PersonServiceImpl>(calls); }

}  // namespace parley
