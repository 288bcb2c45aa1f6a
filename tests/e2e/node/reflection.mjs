// Learns a server's interface from the server alone, by gRPC server reflection.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const options = { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true };

// Answers, in order, to a list of reflection requests.
function ask(grpc, protoLoader, address, requests) {
  const definition = protoLoader.loadSync(path.join(here, 'reflection.proto'), options);
  const { ServerReflection } = grpc.loadPackageDefinition(definition).grpc.reflection.v1alpha;
  const client = new ServerReflection(address, grpc.credentials.createInsecure());
  return new Promise((resolve, reject) => {
    const answers = [];
    const stream = client.ServerReflectionInfo();
    stream.on('data', (answer) => answers.push(answer));
    stream.on('error', reject);
    stream.on('end', () => resolve(answers));
    for (const request of requests) stream.write(request);
    stream.end();
  }).finally(() => client.close());
}

function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}

// The names of all services, and a package definition of those whose name starts with `prefix` and of `symbols`.
export async function discover(grpc, protoLoader, address, prefix, symbols) {
  const [listed] = await ask(grpc, protoLoader, address, [{ list_services: '*' }]);
  const services = listed.list_services_response.service.map((service) => service.name);
  const wanted = [...services.filter((name) => name.startsWith(prefix)), ...symbols];
  const answers = await ask(grpc, protoLoader, address, wanted.map((name) => ({ file_containing_symbol: name })));
  const files = new Map();
  answers.forEach((answer, i) => {
    if (answer.error_response) throw new Error(`${wanted[i]}: ${answer.error_response.error_message}`);
    for (const file of answer.file_descriptor_response.file_descriptor_proto) files.set(file.toString('base64'), file);
  });
  // A FileDescriptorSet: each file as field 1.
  const set = Buffer.concat([...files.values()].flatMap((file) => [Buffer.from([0x0a]), varint(file.length), file]));
  return { services, definition: protoLoader.loadFileDescriptorSetFromBuffer(set, options) };
}
