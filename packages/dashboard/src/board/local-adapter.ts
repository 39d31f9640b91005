import type { AppViewRoute, ControllerHandlerReturnType } from '@bull-board/api/typings/app';
import { ExpressAdapter } from '@bull-board/express';

/** Bull Board's express adapter, without what would leave this host or tell too much. */
export class LocalAdapter extends ExpressAdapter {
  constructor() {
    super();
    this.app.disable('x-powered-by');
  }

  /** The page of 9.10.1 links a font of fonts.googleapis.com; it has a fallback, so the link is dropped. */
  override setEntryRoute(route: AppViewRoute): this {
    this.app.get(route.route, (_request, response, next) => {
      const { name, params } = route.handler({ basePath: this.basePath, uiConfig: this.uiConfig });
      response.render(name, params, (error: Error | null, text?: string) => {
        // Answered meanwhile, because Redis does not answer; nobody would catch what is thrown here.
        if (response.headersSent) return;
        if (error === null && text !== undefined) response.type('html').send(asServed(text));
        else next(error);
      });
    });
    return this;
  }

  /** The text of an unforeseen error may quote anything: the page gets the status and no text. */
  override setErrorHandler(handler: (error: Error) => ControllerHandlerReturnType): this {
    return super.setErrorHandler((error) => {
      const { status = 500 } = handler(error);
      return { status, body: { error: { key: 'ERRORS.INTERNAL_SERVER_ERROR' } } };
    });
  }
}

/** Bull Board's page without links to other hosts, with our style sheet, which hides what is closed to everybody, and names for its icons. */
export function asServed(page: string): string {
  return page
    .replace(/<link\b[^>]*\bhref="(https?:)?\/\/[^>]*>/g, '')
    .replace(
      '</head>',
      '<link href="/assets/board.css" rel="stylesheet"><script type="module" src="/assets/board.js"></script></head>',
    );
}
