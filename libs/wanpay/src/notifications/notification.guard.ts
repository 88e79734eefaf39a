import { type CanActivate, type ExecutionContext, HttpException, Inject, Injectable, Logger } from '@nestjs/common';
import { type IncomingNotification, parsedBody, readBody } from './body.js';
import { NotificationRefusedError, withoutTrace } from './errors.js';
import { NotificationVerifier, type VerifiedNotification } from './verifier.js';

/** A request that passed the guard carries what was verified. */
export interface VerifiedRequest extends IncomingNotification {
  wanpayNotification?: VerifiedNotification;
}

/** Lets a notification through only when its signature holds; everything else gets a 4xx and is not recorded. */
@Injectable()
export class NotificationGuard implements CanActivate {
  private readonly logger = new Logger('WanPayNotifications');

  constructor(@Inject(NotificationVerifier) private readonly verifier: NotificationVerifier) {}

  /** Answers at once where nothing has to be waited for: the body is parsed, and the merchants' registry answers at once. */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<VerifiedRequest>();
    // Asked for before anything is waited for: Express can't tell it of a request that was given up or broke off meanwhile.
    const source = request.ip;
    try {
      const body = parsedBody(request);
      const verified =
        body === undefined
          ? readBody(request).then((read) => this.verifier.verify(read, source))
          : this.verifier.verify(body, source);
      if (!('then' in verified)) return admit(request, verified);
      return verified.then(
        (waited) => admit(request, waited),
        (error: unknown) => this.refuse(error, source),
      );
    } catch (error) {
      return this.refuse(error, source);
    }
  }

  private refuse(error: unknown, source: string | undefined): never {
    if (!(error instanceof NotificationRefusedError)) throw error;
    this.logger.warn(`A notification from ${source ?? 'an unknown address'} was refused: ${error.message}`);
    throw toHttpException(error);
  }
}

function admit(request: VerifiedRequest, verified: VerifiedNotification): true {
  request.wanpayNotification = verified;
  return true;
}

/** What the sender of a refused notification is told. */
export function toHttpException(error: NotificationRefusedError): HttpException {
  const { httpStatus, reason, message } = error;
  const body = { statusCode: httpStatus, error: reason, message };
  return withoutTrace(() => new HttpException(body, httpStatus, { cause: error }));
}
