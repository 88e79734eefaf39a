/** What the operations of the control API do, for readers of Chinese. What is not listed is shown in English. */
const CHINESE: Readonly<Record<string, string>> = {
  'GET /api/orders': '所有訂單，由舊到新',
  'POST /api/orders': '以商戶的身分開立訂單，並可演練後續',
  'GET /api/orders/{merchantNo}/{orderNo}': '一筆訂單',
  'GET /api/orders/{merchantNo}/{orderNo}/timeline': '一筆訂單的經過，含被拒絕的請求，由舊到新',
  'POST /api/orders/{merchantNo}/{orderNo}/pay': '付款；第一次通知嘗試結束後回覆',
  'POST /api/orders/{merchantNo}/{orderNo}/fail': '付款人的轉帳失敗（5805）',
  'POST /api/orders/{merchantNo}/{orderNo}/close': '平台關閉訂單（5803）',
  'POST /api/orders/{merchantNo}/{orderNo}/resend': '重送一則通知，重新簽章',
  'GET /api/clock': '時鐘顯示的時間',
  'POST /api/clock': '移動、停止或運行時鐘；到達後回覆',
  'GET /api/clock/stream': '名為 clock 的 server-sent events，告知時鐘的時間',
  'GET /api/clock/differences': '時鐘與此不同的應用程式',
  'POST /api/clock/followers/{follower}/arrived': '跟隨者已到達事件所告知的時刻',
  'GET /api/faults': '已啟用的故障，由舊到新',
  'POST /api/faults': '啟用一個故障',
  'POST /api/faults/clear': '解除所有故障',
  'POST /api/faults/{id}/disarm': '解除一個故障',
  'GET /api/merchants': '所有商戶，不含金鑰',
  'POST /api/merchants': '新增商戶',
  'POST /api/merchants/{merchantNo}/keys': '新增金鑰，從此用於簽章；較舊的仍可驗證',
  'POST /api/merchants/{merchantNo}/keys/{keyId}/remove': '移除金鑰，不再用於驗證',
  'POST /api/merchants/{merchantNo}/sources': '設定商戶可呼叫的來源',
  'POST /api/session': '從現在開始新的工作階段：保留商戶，其餘存入檔案',
  'GET /api/notifications': '所有已結束的通知嘗試，由舊到新',
  'POST /api/notifications/resend': '重送所有從未獲確認的通知，由舊到新',
  'GET /api/requests': '商戶的所有請求，含被拒絕的，由舊到新',
  'GET /api/session.mjs': '將工作階段存成可重播的腳本；金鑰從環境讀取',
  'GET /api/events': 'server-sent events：order、request、clock、faults、merchants 有所改變',
  'GET /api/openapi.json': '本文件',
};

/** What an operation does, for readers of Chinese; undefined where only English tells. */
export function operationInChinese(method: string, path: string): string | undefined {
  return CHINESE[`${method} ${path}`];
}
