import { describe, expect, it } from 'vitest';
import { basicLogin } from '../testing/platform-client.ts';
import { CREDENTIALS, still, tokenRequest } from '../testing/poller.ts';

describe('the token endpoint', () => {
  it('grants a token for the right credentials', async () => {
    const { simulator } = await still({ tokenSeconds: 77 });
    await using _ = simulator;
    const response = await tokenRequest(simulator.url, CREDENTIALS);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      access_token: expect.any(String),
      expires_in: 77,
      token_type: 'bearer',
    });
  });

  it('adds a refresh token where it is told to', async () => {
    const { simulator } = await still({ refreshToken: true });
    await using _ = simulator;
    const response = await tokenRequest(simulator.url, CREDENTIALS);
    expect(await response.json()).toHaveProperty('refresh_token');
  });

  it.each([
    [401, 'invalid_client', { ...CREDENTIALS, client_secret: 'wrong' }],
    [401, 'invalid_client', { ...CREDENTIALS, client_id: 'wrong' }],
    [400, 'unsupported_grant_type', { ...CREDENTIALS, grant_type: 'password' }],
    [400, 'invalid_request', { ...CREDENTIALS, client_secret: '' }],
    [400, 'invalid_request', { grant_type: 'client_credentials' }],
  ])('answers %i %s to a wrong form', async (status, error, form) => {
    const { simulator } = await still();
    await using _ = simulator;
    const response = await tokenRequest(simulator.url, form);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error });
  });

  it('grants a token of a day for a Basic header, without a refresh token', async () => {
    const { simulator } = await still({ refreshToken: true });
    await using _ = simulator;
    const response = await basicLogin(simulator.url);
    expect([response.status, await response.json()]).toEqual([
      200,
      { access_token: expect.any(String), expires_in: 86_400, token_type: 'bearer' },
    ]);
    expect(response.headers.get('inin-correlation-id')).not.toBeNull();
  });

  it('answers wrong Basic credentials with the status it is told, and takes no second credentials beside them', async () => {
    const { simulator } = await still({ invalidClientStatus: 400, platformTokenSeconds: 300 });
    await using _ = simulator;
    const wrong = await basicLogin(simulator.url, 'simulator-client:wrong');
    expect([wrong.status, await wrong.json()]).toEqual([
      400,
      { error: 'invalid_client', description: expect.any(String), error_description: expect.any(String) },
    ]);
    expect((await basicLogin(simulator.url, undefined, CREDENTIALS)).status).toBe(400);
    expect(await (await basicLogin(simulator.url)).json()).toMatchObject({ expires_in: 300 });
  });

  it('takes nothing but a form by POST', async () => {
    const { simulator } = await still();
    await using _ = simulator;
    const json = { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(CREDENTIALS) };
    expect((await tokenRequest(simulator.url, {}, json)).status).toBe(415);
    const get = await fetch(`${simulator.url}/oauth/token`);
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
  });
});
