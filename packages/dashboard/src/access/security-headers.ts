import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * Headers of every answer: nothing from other hosts, no frames, nothing kept by caches.
 *
 * Bull Board's page writes style elements and style attributes while it runs, so its styles may stand inline; scripts may
 * not, anywhere. TLS is the business of the proxy in front, and so is Strict-Transport-Security.
 */
export function securityHeaders(): RequestHandler {
  const ours = helmet({ ...commonOptions, contentSecurityPolicy: policy(["'self'"]) });
  const board = helmet({ ...commonOptions, contentSecurityPolicy: policy(["'self'", "'unsafe-inline'"]) });
  return (request, response, next) => {
    const asset = /^\/(assets|queues\/static)\//.test(request.path);
    response.setHeader('cache-control', asset ? 'private, max-age=3600' : 'no-store');
    response.setHeader('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
    (request.path.startsWith('/queues') ? board : ours)(request, response, next);
  };
}

const commonOptions = {
  strictTransportSecurity: false,
  referrerPolicy: { policy: 'same-origin' },
} as const;

function policy(styleSources: string[]) {
  return {
    useDefaults: false,
    directives: {
      'default-src': ["'none'"],
      'script-src': ["'self'"],
      'worker-src': ["'self'"],
      'style-src': styleSources,
      'img-src': ["'self'", 'data:'],
      'font-src': ["'self'"],
      'connect-src': ["'self'"],
      'form-action': ["'self'"],
      'base-uri': ["'self'"],
      'frame-ancestors': ["'none'"],
    },
  };
}
