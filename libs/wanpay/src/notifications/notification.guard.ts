import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { refusal } from './errors.js';
import type { Exchange } from './exchange.js';
import { type IncomingNotification, NotificationReader } from './notification-reader.js';
import { NotificationVerifier, type VerifiedNotification } from './verifier.js';

/** Lets a notification through only when its signature holds; everything else gets a 4xx and is not recorded. */
@Injectable()
export class NotificationGuard implements CanActivate {
  constructor(
    @Inject(NotificationReader) private readonly reader: NotificationReader,
    @Inject(NotificationVerifier) private readonly verifier: NotificationVerifier,
  ) {}

  /** Answers at once where nothing has to be waited for: the body was read, and the merchants' registry answers at once. */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const http = context.switchToHttp();
    const exchange = this.reader.read(http.getRequest<IncomingNotification>(), http.getResponse<unknown>());
    return exchange.reading ? exchange.reading.then(() => this.judge(exchange)) : this.judge(exchange);
  }

  private judge(exchange: Exchange): boolean | Promise<boolean> {
    try {
      const verified = this.verify(exchange);
      if (!('then' in verified)) return admit(exchange, verified);
      return verified.then(
        (waited) => admit(exchange, waited),
        (error: unknown) => refuse(exchange, error),
      );
    } catch (error) {
      return refuse(exchange, error);
    }
  }

  private verify({ source, problem, body }: Exchange): VerifiedNotification | Promise<VerifiedNotification> {
    if (!this.verifier.admits(source)) {
      throw refusal('source_not_allowed', 'This address may not send notifications.');
    }
    if (problem) throw problem;
    return this.verifier.verify(body);
  }
}

function admit(exchange: Exchange, verified: VerifiedNotification): true {
  exchange.verified = verified;
  return true;
}

function refuse(exchange: Exchange, error: unknown): never {
  exchange.failWith(error);
  throw error;
}
