import { fileURLToPath } from 'node:url';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { securityHeaders } from './security/security-headers.js';

const PUBLIC_FOLDER = fileURLToPath(new URL('../public', import.meta.url));

/** What is set on the application rather than in a module: the same in production and in tests. */
export function configureApp(app: NestExpressApplication): void {
  app.disable('x-powered-by');
  app.use(securityHeaders);
  app.useStaticAssets(PUBLIC_FOLDER);
  // On SIGINT and SIGTERM the module finishes the handlers that are running before the process ends.
  app.enableShutdownHooks();
}
