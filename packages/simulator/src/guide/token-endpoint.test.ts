import { describe, expect, it } from 'vitest';
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

  it('takes nothing but a form by POST', async () => {
    const { simulator } = await still();
    await using _ = simulator;
    const json = { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(CREDENTIALS) };
    expect((await tokenRequest(simulator.url, {}, json)).status).toBe(415);
    const get = await fetch(`${simulator.url}/oauth/token`);
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
  });
});
