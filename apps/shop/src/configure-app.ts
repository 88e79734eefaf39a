import type { NestExpressApplication } from '@nestjs/platform-express';
import { rememberLanguage } from './pages/request-language.js';
import { securityHeaders } from './security/security-headers.js';

/** What is set on the application rather than in a module: the same in production and in tests. */
export function configureApp(app: NestExpressApplication): void {
  app.disable('x-powered-by');
  app.use(securityHeaders);
  app.use(rememberLanguage);
  // On SIGINT and SIGTERM the module finishes the handlers that are running before the process ends.
  app.enableShutdownHooks();
}
