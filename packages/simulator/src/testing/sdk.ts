import { createRequire } from 'node:module';
import type * as Sdk from 'purecloud-platform-client-v2';
import { CREDENTIALS } from './poller.ts';

// Its CommonJS build is the one for Node; the package declares no ES module that Node could load.
const sdk = createRequire(import.meta.url)('purecloud-platform-client-v2') as typeof Sdk;

/** The official SDK, logged in at a simulator by its own client-credentials grant. */
export async function sdkOf(url: string, secret = CREDENTIALS.client_secret): Promise<typeof Sdk> {
  const { hostname, port } = new URL(url);
  const client = sdk.ApiClient.instance;
  client.setGateway({ host: hostname, protocol: 'http', port: Number(port) });
  await client.loginClientCredentialsGrant(CREDENTIALS.client_id, secret);
  return sdk;
}
