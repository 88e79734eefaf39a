interface Trouble {
  readonly code: string;
  readonly words: string;
  readonly advice: string;
}

const CERTIFICATE_CODES = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);
const TIMEOUT_CODES = new Set(['ECONNABORTED', 'ERR_CANCELED', 'ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT']);

const NO_SUCH_NAME: Trouble = {
  code: 'unknown_host',
  words: 'its host name can’t be resolved',
  advice: 'Check the address for a typing error, and the DNS settings of this machine.',
};
const NO_ROUTE: Trouble = {
  code: 'no_route',
  words: 'its network can’t be reached',
  advice: 'Look at this machine’s network, VPN and firewall.',
};

const TROUBLES: Readonly<Record<string, Trouble>> = {
  ECONNREFUSED: {
    code: 'connection_refused',
    words: 'nothing listens at that address and port',
    advice: 'Check the address and the port, and that the server there runs.',
  },
  ECONNRESET: {
    code: 'connection_broken',
    words: 'the connection was broken off',
    advice: 'A firewall or a proxy in between may do so: look at both ends’ logs.',
  },
  ENOTFOUND: NO_SUCH_NAME,
  EAI_AGAIN: NO_SUCH_NAME,
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
};

/** What a failed connection's code means, in words, and what to do about it. */
export function explainConnection(error: unknown): Trouble {
  const code = codeOf(error);
  if (CERTIFICATE_CODES.has(code)) {
    return {
      code: 'bad_certificate',
      words: `its certificate can't be trusted (${code})`,
      advice: 'Have it renewed, or give Node the authority that signed it with NODE_EXTRA_CA_CERTS.',
    };
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) {
    return {
      code: 'no_tls',
      words: `it speaks no TLS (${code})`,
      advice: 'Look whether http:// is meant, or another port.',
    };
  }
  if (TIMEOUT_CODES.has(code)) {
    return {
      code: 'timeout',
      words: 'no answer came in time',
      advice: 'A firewall that drops packets looks like this: let this machine out to that address and port.',
    };
  }
  return (
    TROUBLES[code] ?? {
      code: 'connection_failed',
      words: `the connection failed (${code || 'for an unknown reason'})`,
      advice: 'Look at the network between here and there.',
    }
  );
}

/** The code of an error, or of what caused it. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('cause' in error && error.cause !== undefined) return codeOf(error.cause);
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
