import { createRoot } from 'react-dom/client';
import { PaymentPage } from './payment-page.js';

const root = document.getElementById('root');
const orderNo = new URLSearchParams(location.search).get('order');
if (root && orderNo !== null) createRoot(root).render(<PaymentPage orderNo={orderNo} />);
