/** What is decided where the module is imported, before any option is known: routes and tokens are made from it. */
export interface WanPayModuleExtras {
  /** Makes the service injectable everywhere, without importing the module again. */
  isGlobal?: boolean | undefined;
  /**
   * Tells several instances in one host apart; inject them with `@InjectWanPay(name)`. 1 to 50 letters, digits, dots, underscores
   * and hyphens.
   */
  name?: string | undefined;
  /**
   * Whether this process receives notifications; true by default. False, such as in a worker: it has no route for them, and the
   * platform is told the address of the process that has one (`notificationUrl`, or `publicUrl` and the path).
   */
  notifications?: boolean | undefined;
  /** Where notifications are received, below the global prefix. Default `wanpay/notifications`, or `wanpay/NAME/notifications`. */
  notificationPath?: string | undefined;
  /**
   * Put on the notification controller: say, the one that exempts a route from the host's authentication guard. At start each
   * global guard is asked, with a made-up request, whether it would let a notification through; with an empty list none is.
   */
  notificationDecorators?: readonly ClassDecorator[] | undefined;
}

const NAME = /^[A-Za-z\d][\w.-]{0,49}$/;
/** A question mark may only make a parameter optional. */
const PATH = /^(?:[^\s?&#]|(?<=:\w+)\?)+$/;

/** The mistakes in the extras, each in words: callers without types exist, and a name becomes a part of a path. */
export function mistakesIn(extras: WanPayModuleExtras): readonly string[] {
  const { isGlobal, name, notifications, notificationPath, notificationDecorators } = extras;
  return [
    ...(isBooleanOrAbsent(isGlobal) ? [] : ['isGlobal must be true or false.']),
    ...(isTextOrAbsent(name, NAME)
      ? []
      : ['name must be 1 to 50 letters, digits, dots, underscores and hyphens, and begin with a letter or a digit.']),
    ...(isBooleanOrAbsent(notifications) ? [] : ['notifications must be true or false.']),
    ...(isTextOrAbsent(notificationPath, PATH)
      ? []
      : [
          "notificationPath must be a path such as 'hooks/atm', without spaces, ?, & and #; left out, it has a default.",
        ]),
    ...(isListOfFunctionsOrAbsent(notificationDecorators)
      ? []
      : ['notificationDecorators must be a list of class decorators, such as [Public()].']),
  ];
}

function isBooleanOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'boolean';
}

function isTextOrAbsent(value: unknown, form: RegExp): boolean {
  return value === undefined || (typeof value === 'string' && form.test(value));
}

function isListOfFunctionsOrAbsent(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every((entry) => typeof entry === 'function'));
}
