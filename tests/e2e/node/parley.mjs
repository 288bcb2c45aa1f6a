// A stock gRPC client's view of one parleyd: calls by name, and errors with their details decoded.

export class Refusal extends Error {
  constructor(method, error, details) {
    super(`${method}: ${error.message}`);
    this.code = error.code;
    this.details = details;
    const info = details['google.rpc.ErrorInfo'];
    // Maps that were learnt from descriptors come as lists of entries.
    this.info = info && { ...info, metadata: Object.fromEntries(info.metadata.map(({ key, value }) => [key, value])) };
  }
}

export class Parley {
  constructor(grpc, definition, address) {
    this.grpc = grpc;
    this.definition = definition;
    this.clients = {};
    for (const [name, service] of Object.entries(grpc.loadPackageDefinition(definition).parley.v1)) {
      if (service.service) this.clients[name] = new service(address, grpc.credentials.createInsecure());
    }
  }

  // Details of google.rpc.Status by message name, as the trailer carries them.
  decode(error) {
    const [bytes] = error.metadata?.get('grpc-status-details-bin') ?? [];
    const details = {};
    if (!bytes) return details;
    const status = this.definition['google.rpc.Status'].deserialize(bytes);
    if (status.code !== error.code) throw new Error('the details speak of another code');
    for (const any of status.details) {
      const type = any.type_url.slice(any.type_url.lastIndexOf('/') + 1);
      details[type] = this.definition[type].deserialize(any.value);
    }
    return details;
  }

  metadata(principal) {
    const metadata = new this.grpc.Metadata();
    metadata.set('parley-principal', principal);
    return metadata;
  }

  // Calls "Service.Method" as `principal`.
  call(principal, method, request) {
    const [service, rpc] = method.split('.');
    return new Promise((resolve, reject) => {
      this.clients[service][rpc](request, this.metadata(principal), (error, response) => {
        if (error) reject(new Refusal(method, error, this.decode(error)));
        else resolve(response);
      });
    });
  }

  // The refusal that a call must end in.
  async refused(principal, method, request) {
    try {
      await this.call(principal, method, request);
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
    throw new Error(`${method} was accepted`);
  }

  close() {
    for (const client of Object.values(this.clients)) client.close();
  }
}
