import { useEffect, useState } from 'react';
import type { ShownPayment } from '../shown-payment.js';

/** The payment as it is now; undefined until the server has told it. */
export function usePayment(orderNo: string): ShownPayment | undefined {
  const [payment, setPayment] = useState<ShownPayment>();
  useEffect(() => {
    // Connects again by itself after a broken connection, and then gets the payment as it is by that time.
    const source = new EventSource(`/payments/${encodeURIComponent(orderNo)}/live`);
    source.onmessage = ({ data }: MessageEvent<string>) => {
      const next = JSON.parse(data) as ShownPayment;
      setPayment(next);
      if (next.state === 'paid') source.close();
    };
    return () => {
      source.close();
    };
  }, [orderNo]);
  return payment;
}
