import { stepsOf } from '../draft.js';

export const TARGET = '/wanpay/notifications';

/** Requests that are addressed, headed or routed otherwise. */
export const REQUEST = [
  ...stepsOf('request', true, {
    query: (draft, random) => {
      draft.target += random.pick(['?', '?a=b', '?status=5801&sign=x', '?__proto__[x]=y', '?%00', '?a[]=1&a[]=2']);
    },
    'other-case-of-path': (draft) => {
      draft.target = draft.target.toUpperCase();
      // Fastify tells cases apart, Express does not.
      draft.isFair = false;
    },
    'charset-utf8': (draft, random) => {
      if (draft.type !== undefined) {
        draft.type += random.pick(['; charset=utf-8', ';charset=UTF8', '; Charset="utf-8"', '; q=1; charset=utf-8']);
      }
    },
    'more-headers': (draft, random) => {
      draft.headers.push(
        random.pick([
          ['Accept', '*/*'],
          ['Cookie', 'a=b; __proto__=c'],
          ['Authorization', 'Bearer x'],
          ['User-Agent', 'x'.repeat(2000)],
          ['Origin', 'https://evil.example'],
          ['Expect', '100-continue'],
          ['Content-Language', 'zh-TW'],
          ['Range', 'bytes=0-'],
          ['If-None-Match', '*'],
        ] as const),
      );
    },
    'admitted-source': (draft, random) => {
      draft.headers.push(['X-Forwarded-For', random.pick(['10.1.2.3', '::ffff:10.9.9.9', '10.0.0.1, 127.0.0.1'])]);
    },
  }),
  ...stepsOf('request', false, {
    'other-source': (draft, random) => {
      const source = random.pick([
        ...[
          '203.0.113.9',
          '203.0.113.9, 10.0.0.1',
          '2001:db8::1',
          '[2001:db8::1]:443',
          '010.0.0.1',
          '10.1',
          '0x0a000001',
        ],
        ...['unknown', '::ffff:203.0.113.9', '11.0.0.1:80', 'x'.repeat(3000), '10.0.0.1.evil.example', '127.1'],
      ]);
      // Of several, the first would count.
      draft.headers = draft.headers.filter(([name]) => name !== 'X-Forwarded-For');
      draft.headers.push(['X-Forwarded-For', source]);
      draft.isAdmitted = false;
    },
    'other-charset': (draft, random) => {
      draft.type = `${draft.type ?? ''}; charset=${random.pick(['big5', 'utf-16', 'latin1', 'utf-7', '', '"utf-8', 'utf-8; charset=big5'])}`;
    },
    'types-repeated': (draft, random) => {
      draft.headers.push([
        'Content-Type',
        random.pick(['application/json', 'text/plain', 'multipart/form-data; boundary=x']),
      ]);
    },
    'odd-type': (draft, random) => {
      draft.type = random.pick([
        ...[
          '',
          ' ',
          ';',
          'application',
          'application/',
          '/',
          'application/x-www-form-urlencoded-x',
          '__proto__',
          'x'.repeat(4000),
        ],
        ...[
          `;${' '.repeat(3000)}`,
          `application/json;${'charset '.repeat(400)}`,
          'application/json, text/plain',
          'multipart/',
        ],
      ]);
    },
    'encodings-repeated': (draft, random) => {
      draft.headers.push(['Content-Encoding', random.pick(['gzip', 'identity', 'br'])]);
    },
    'other-method': (draft, random) => {
      draft.method = random.pick([
        'GET',
        'PUT',
        'PATCH',
        'DELETE',
        'OPTIONS',
        'QUERY',
        'PROPFIND',
        'post',
        'POST\t',
        'X',
      ]);
      draft.isAlone = true;
    },
    'method-override': (draft, random) => {
      draft.method = random.pick(['PUT', 'PATCH', 'POST']);
      draft.headers.push(['X-HTTP-Method-Override', 'POST']);
    },
    'other-path': (draft, random) => {
      draft.target = random.pick([
        ...['/wanpay/notifications/', '//wanpay/notifications', '/wanpay//notifications', '/wanpay%2Fnotifications'],
        ...[
          '/wanpay/%6Eotifications',
          '/wanpay/./notifications',
          '/wanpay/x/../notifications',
          '/wanpay/notifications%00',
        ],
        ...[
          '/wanpay/notifications;x=y',
          '/wanpay/notifications#x',
          '/wanpay/notifications%',
          '/wanpay/notifications%FF',
        ],
        ...[
          '/wanpay/notifications/x',
          '/',
          '*',
          '',
          'wanpay/notifications',
          'http://evil.example/wanpay/notifications',
        ],
        ...['/wanpay\\notifications', '/wanpay/notifications%20', '/WANPAY/NOTIFICATIONS/', `/${'a/'.repeat(3000)}`],
        ...['/wanpay/notifications/?a=b', '/wanpay/notifications//', `/wanpay/notifications${'/'.repeat(3000)}`],
      ]);
      draft.isAlone = true;
    },
    'odd-headers': (draft, random) => {
      draft.headers.push(
        random.pick([
          ['X', 'x'.repeat(17_000)],
          ['X\0', 'y'],
          ['X', 'a\0b'],
          ['', 'x'],
          ['Upgrade', 'websocket'],
          ['Connection', 'upgrade'],
          ['Connection', 'close'],
          ['Trailer', 'X'],
          ['__proto__', 'x'],
          ['Host', 'evil.example'],
          ['Expect', 'nothing'],
        ] as const),
      );
      draft.isAlone = true;
    },
  }),
];
