import { Injectable } from '@nestjs/common';

/** Makes the shop's handlers fail, so that a developer sees retries, a dead letter and its replay. Off, it does nothing. */
@Injectable()
export class FailureSwitch {
  isOn = false;

  /** @throws Error while it is on */
  throwIfOn(): void {
    if (this.isOn) throw new Error('The demonstration’s switch makes this handler fail. Switch it off, then replay.');
  }
}
