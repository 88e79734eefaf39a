/** Values that a receiver may take for another, that a database can't hold, or that reach for an object's prototype. */
export const ODD_TEXTS: readonly string[] = [
  ...['\0', 'a\0b', '\u0001', '\u001b[2J', '\r\n', '\u007f', '\u0085', '\u2028', '\ufeff', '\u202e0000', '\u200b'],
  ...['\ud800', '\udfff\ud800', '\ufffd', '\uffff', '😀', '𠮷', 'é', 'e\u0301', 'ﬁ', 'Å', '\u212b', '１２８０', '٣'],
  ...['&', '&&', '=', '&=', '&a=1', 'a&b', 'a&sign=', '%26a=1', '%00', '%', '%zz', '+', ' ', 'a;b=c', '&key=', '#'],
  ...['__proto__', 'constructor', 'toString', 'null', 'undefined', 'true', 'NaN', '[]', '{}', '[object Object]'],
  ...["'; DROP TABLE wanpay_orders; --", '<script>alert(1)</script>', '../../etc/passwd', '${7*7}', '{{7*7}}'],
  ...['x'.repeat(101), 'x'.repeat(300), '9'.repeat(5000), '中'.repeat(3000), ' '.repeat(2000), '0'.repeat(4000)],
];

/** Texts that the platform may write and every receiver must read as they are. */
export const FAIR_TEXTS: readonly string[] = [
  ...[
    '支付成功',
    '支付成功 & 完成',
    'a+b c',
    '100%',
    '%41',
    'a=b',
    'é',
    'e\u0301',
    '😀𠮷',
    ' around ',
    'tab\tand\nline',
  ],
  ...['"quoted" \\ back', "it's", '0', 'null', 'a;b', '<b>', '#', '?', '/', '核准（測試）', '\u00a0', 'a'.repeat(256)],
];

/** Names of fields that are easily taken for others. */
export const ODD_NAMES: readonly string[] = [
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'valueOf',
    'then',
    'length',
    '__defineGetter__',
  ],
  ...['a[b]', 'a[]', 'status[]', 'a.b', 'status.x', '[0]', ']', 'sign[]', '__proto__[x]', 'constructor[prototype][x]'],
  ...['', ' ', '\0', '\ufffd', '\ud800', 'a&b', 'a=b', 'a\nb', '\ufeff', '\ufefforgno', '&', '=', 'x'.repeat(2000)],
  ...[
    'SIGN',
    'Sign',
    'sign ',
    ' sign',
    'key',
    'orgno ',
    'ORGNO',
    'ｓｔａｔｕｓ',
    'status\0',
    'total_fee\u200b',
    'Total_fee',
  ],
];

/** Names that extension fields may have. */
export const FAIR_NAMES: readonly string[] = [
  ...['trxtoken', 'a', 'A', 'Z', '_', '~', 'a1', 'memo', 'sign2', 'zzz', 'key_id', 'orgname', '中文', 'é', '😀'],
  ...['0', '1', '2', '10', '4294967295', 'x-y', 'x.y', 'valueof'],
];
