// A server that serves whatever bundle it is given as a relationship's proof, and believes what it is shown: for what an agent makes of
// lies.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/proof/note.h"
#include "parley/v1/audit.grpc.pb.h"
#include "parley/v1/key.grpc.pb.h"
#include "tests/support/test_bundle.h"

namespace parley::test {

class DishonestServer {
 public:
  DishonestServer() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&audit_);
    builder.RegisterService(&keys_);
    server_ = builder.BuildAndStart();
  }
  int port() const { return port_; }

  // Serves this from now on, to whatever reader.
  void Serve(TestBundle bundle) {
    std::lock_guard lock(audit_.mu);
    audit_.bundle = std::move(bundle);
  }
  // The key that is said to be registered in entry 0, and for whom.
  void Register(const std::string& party, const NoteVerifierKey& key) {
    keys_.key.set_name("relationships/acme/keys/" + party);
    keys_.key.set_state(v1::KEY_STATE_IN_USE);
    keys_.key.set_party_id(party);
    keys_.key.set_vkey(key.ToString());
  }
  // The next cosignature is taken, and the answer lost.
  void LoseNextAnswer() {
    std::lock_guard lock(audit_.mu);
    audit_.lose = true;
  }
  // Notes that were brought with a cosignature.
  std::vector<std::string> cosigned() {
    std::lock_guard lock(audit_.mu);
    return audit_.cosigned;
  }

 private:
  struct Keys final : v1::KeyService::Service {
    grpc::Status ListKeys(grpc::ServerContext*, const v1::ListKeysRequest*, v1::ListKeysResponse* response) override {
      *response->add_keys() = key;
      return grpc::Status::OK;
    }
    v1::Key key;
  };

  struct Audit final : v1::AuditService::Service {
    v1::SignedCheckpoint Newest() {
      std::lock_guard lock(mu);
      v1::SignedCheckpoint checkpoint;
      checkpoint.set_size(bundle.manifest.size);
      checkpoint.set_note(bundle.files.at("checkpoint"));
      return checkpoint;
    }
    grpc::Status GetCheckpoint(grpc::ServerContext*, const v1::GetCheckpointRequest*,
                               v1::GetCheckpointResponse* response) override {
      *response->mutable_checkpoint() = Newest();
      return grpc::Status::OK;
    }
    grpc::Status CreateCheckpoint(grpc::ServerContext*, const v1::CreateCheckpointRequest*,
                                  v1::CreateCheckpointResponse* response) override {
      *response->mutable_checkpoint() = Newest();
      return grpc::Status::OK;
    }
    grpc::Status AddCosignature(grpc::ServerContext*, const v1::AddCosignatureRequest* request,
                                v1::AddCosignatureResponse* response) override {
      *response->mutable_checkpoint() = Newest();
      std::lock_guard lock(mu);
      cosigned.push_back(request->note());
      if (std::exchange(lose, false)) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone");
      return grpc::Status::OK;
    }
    grpc::Status ExportBundle(grpc::ServerContext*, const v1::ExportBundleRequest*,
                              grpc::ServerWriter<v1::ExportBundleResponse>* writer) override {
      std::lock_guard lock(mu);
      bool first = true;
      for (const auto& [path, bytes] : bundle.files) {
        v1::ExportBundleResponse response;
        if (first) response.set_size(bundle.manifest.size);
        first = false;
        response.set_path(path);
        response.set_data(bytes);
        response.set_file_end(true);
        writer->Write(response);
      }
      return grpc::Status::OK;
    }

    std::mutex mu;
    TestBundle bundle;
    std::vector<std::string> cosigned;
    bool lose = false;
  };

  Audit audit_;
  Keys keys_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace parley::test
