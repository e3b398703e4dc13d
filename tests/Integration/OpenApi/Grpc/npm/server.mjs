import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';

const definition = loader.loadSync(new URL('shop.proto', import.meta.url).pathname, { longs: String, keepCase: true, oneofs: true });
const { shop } = grpc.loadPackageDefinition(definition);
const server = new grpc.Server();
server.addService(shop.v1.Shop.service, {
  Echo: (call, done) => {
    const trailer = new grpc.Metadata();
    done(call.metadata.get('authorization')[0] === 'Bearer wrong' ? { code: grpc.status.UNAUTHENTICATED, details: 'no' } : null, call.request, trailer);
  },
  Watch: (call) => {
    for (let id = 1; id <= call.request.count; id++) call.write({ id });
    call.end();
  },
  Fail: (call, done) => done({ code: call.request.code, details: call.request.message }),
  Collect: (call, done) => done(null, {}),
  Chat: (call) => call.end(),
});
const reflection = new ReflectionService(definition);
const only = process.argv[2];
if (only === 'v1alpha') {
  const whole = { addService: (service, implementation) => { if (Object.values(service)[0].path.includes('v1alpha')) server.addService(service, implementation); } };
  reflection.addToServer(whole);
} else if (only !== 'none') {
  reflection.addToServer(server);
}
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => console.log(error ? `error ${error}` : `port ${port}`));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
