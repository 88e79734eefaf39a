import { type INestApplication, Injectable } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { API_SCHEMAS } from './schemas.js';

const DESCRIPTION =
  'Everything that the console does, for programs. No password: it is for your own machine. Errors are `{ code, message }` ' +
  'with a 4xx status. Bodies are JSON; the console’s own pages send the same as forms, and are answered with a redirect.';

/** The OpenAPI document of the control API. */
@Injectable()
export class ApiDocument {
  #app: INestApplication | undefined;
  #document: OpenAPIObject | undefined;

  /** Says whose controllers it describes. */
  describe(app: INestApplication): void {
    this.#app = app;
  }

  /** The document, made when it is first asked for. */
  get(): OpenAPIObject {
    this.#document ??= this.#app && build(this.#app);
    if (!this.#document) throw new Error('The application has not begun yet.');
    return this.#document;
  }
}

function build(app: INestApplication): OpenAPIObject {
  const frame = new DocumentBuilder().setTitle('WanPay emulator').setDescription(DESCRIPTION).setVersion('1').build();
  const document = SwaggerModule.createDocument(app, frame);
  return {
    ...document,
    paths: Object.fromEntries(Object.entries(document.paths).filter(([path]) => path.startsWith('/api/'))),
    components: { ...document.components, schemas: { ...API_SCHEMAS, ...document.components?.schemas } },
  };
}
