import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { signNotification } from 'nestjs-wanpay/protocol';

const MERCHANT = { merchantNo: '21008024', key: 'QGbZvggxNdGgMUnp' };

/** Opens every order, and tells the host of the money when it is told to. */
export async function startFakePlatform() {
  const notificationUrls = new Map<string, string>();
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const fields = new URLSearchParams(body);
      const orderNo = fields.get('out_trade_no') ?? '';
      notificationUrls.set(orderNo, fields.get('backurl') ?? '');
      const data = {
        code_url: '46710722851832',
        expiredate: '2099-12-31 23:59:59',
        bankcode: '013',
        bankname: '國泰世華商業銀行',
        branchcode: '2022',
        branchname: '大昌分行',
        receiver: '旺沛大數位股份有限公司',
        out_trade_no: orderNo,
      };
      response.end(JSON.stringify({ status: '900', info: '下单成功', data }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    merchant: MERCHANT,
    baseUrl: `http://127.0.0.1:${port}`,
    async pay(orderNo: string, amount: number): Promise<string> {
      const fields = { orgno: MERCHANT.merchantNo, out_trade_no: orderNo, status: '0000', total_fee: `${amount}00` };
      const body = new URLSearchParams(signNotification(fields, MERCHANT.key));
      const reply = await fetch(notificationUrls.get(orderNo) ?? '', { method: 'POST', body });
      return reply.text();
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
