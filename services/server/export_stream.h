// Server-streaming of bundles.
#pragma once

#include "parley/v1/audit.pb.h"
#include "services/audit/bundles.h"
#include "services/server/pulled_stream.h"

namespace parley {

// Starts an export; gRPC keeps what it returns until the stream is over.
grpc::ServerWriteReactor<v1::ExportBundleResponse>* StartExport(grpc::CallbackServerContext* context,
                                                                const v1::ExportBundleRequest* request, Calls& calls,
                                                                const Bundles& bundles, OpenStreams& exports);

}  // namespace parley
