"""Every invariant, as a query that finds the rows that break it.

A check's SQL answers (subject, detail): what is wrong and how, in words a colleague understands; no row, and it holds. Checks
that hold only when nothing is under way, because the clock has a job to do first, are marked `at_rest`.
"""

from noirel.backoffice.audit.catalogue import CATALOGUE
from noirel.backoffice.audit.check import Check
from noirel.backoffice.audit.sums import sum_of

STOCK = [
    Check(
        "stock.items",
        "Every variant has a stock item.",
        """
        SELECT v.sku, 'it has none' FROM catalog_variant v
        WHERE NOT EXISTS (SELECT 1 FROM inventory_stockitem s WHERE s.variant_id = v.id)
        """,
    ),
    Check(
        "stock.on_hand",
        "What is on hand is the sum of the movements.",
        """
        SELECT v.sku, format('on hand %s, movements add up to %s', s.on_hand, coalesce(m.units, 0))
        FROM inventory_stockitem s JOIN catalog_variant v ON v.id = s.variant_id
        LEFT JOIN (SELECT item_id, sum(delta) AS units FROM inventory_stockmovement GROUP BY 1) m ON m.item_id = s.variant_id
        WHERE s.on_hand <> coalesce(m.units, 0)
        """,
    ),
    Check(
        "stock.trail",
        "Each movement goes on from where another one ended: one trail from nothing to what is on hand.",
        """
        SELECT v.sku, 'its trail breaks at ' || string_agg(t.level::text, ', ' ORDER BY t.level) || ' on hand' FROM (
            SELECT item_id, level, sum(n) AS n FROM (
                SELECT item_id, on_hand_after, 1 FROM inventory_stockmovement
                UNION ALL SELECT item_id, on_hand_after - delta, -1 FROM inventory_stockmovement
                UNION ALL SELECT variant_id, on_hand, -1 FROM inventory_stockitem
                UNION ALL SELECT variant_id, 0, 1 FROM inventory_stockitem
            ) AS ends(item_id, level, n) GROUP BY 1, 2 HAVING sum(n) <> 0
        ) t JOIN catalog_variant v ON v.id = t.item_id GROUP BY v.sku
        """,
    ),
    Check(
        "stock.reserved",
        "What is reserved is the sum of the live reservations.",
        """
        SELECT v.sku, format('reserved %s, live reservations add up to %s', s.reserved, coalesce(r.units, 0))
        FROM inventory_stockitem s JOIN catalog_variant v ON v.id = s.variant_id
        LEFT JOIN (SELECT item_id, sum(units) AS units FROM inventory_reservation WHERE state = 'held' GROUP BY 1) r
            ON r.item_id = s.variant_id
        WHERE s.reserved <> coalesce(r.units, 0)
        """,
    ),
    Check(
        "stock.committed",
        "What is committed is the sum of what paid orders have not shipped.",
        """
        SELECT v.sku, format('committed %s, reservations add up to %s', s.committed, coalesce(r.units, 0))
        FROM inventory_stockitem s JOIN catalog_variant v ON v.id = s.variant_id
        LEFT JOIN (SELECT item_id, sum(committed) AS units FROM inventory_reservation GROUP BY 1) r
            ON r.item_id = s.variant_id
        WHERE s.committed <> coalesce(r.units, 0)
        """,
    ),
    Check(
        "stock.oversold",
        "Nothing is promised that is not there, unless its policy says so.",
        """
        SELECT v.sku, format('%s on hand, %s reserved, %s committed', s.on_hand, s.reserved, s.committed)
        FROM inventory_stockitem s JOIN catalog_variant v ON v.id = s.variant_id
        WHERE s.reserved < 0 OR s.committed < 0 OR (s.policy = 'deny' AND s.reserved + s.committed > s.on_hand)
        """,
    ),
    Check(
        "stock.holds",
        "An order holds its units while it waits, has them sold once it was paid, and lets go of them when it ends unpaid.",
        """
        SELECT r.reference, format('order is %s, its reservation of %s is %s', coalesce(o.status, 'not there'), v.sku, r.state)
        FROM inventory_reservation r JOIN catalog_variant v ON v.id = r.item_id
        LEFT JOIN orders_order o ON o.number = r.reference
        WHERE r.reference NOT LIKE 'drop:%' AND r.reference NOT LIKE 'samples:%' AND r.state <> CASE
            WHEN o.paid_at IS NOT NULL THEN 'sold' WHEN o.status = 'pending_payment' THEN 'held' ELSE 'released' END
        """,
    ),
    Check(
        "stock.sold",
        "Every sold unit is committed to its order, was released, or left with a movement: once, and no other left.",
        """
        SELECT coalesce(r.reference, m.reference), format('%s: %s sold, %s committed, %s released, %s left', v.sku,
            coalesce(r.units, 0), coalesce(r.committed, 0), coalesce(r.released, 0), coalesce(m.units, 0))
        FROM (SELECT *, replace(reference, 'samples:', '') AS number, reference LIKE 'samples:%' AS is_sample
            FROM inventory_reservation WHERE state = 'sold') r
        FULL JOIN (
            SELECT item_id, reference, reason = 'gift' AS is_sample, -sum(delta) AS units FROM inventory_stockmovement m
            WHERE reference <> '' AND reason IN ('sold', 'shipped', 'correction', 'damaged')
                OR reason = 'gift' AND EXISTS (SELECT 1 FROM inventory_reservation s
                    WHERE s.reference = 'samples:' || m.reference AND s.item_id = m.item_id)
            GROUP BY 1, 2, 3
        ) m ON m.reference = r.number AND m.item_id = r.item_id AND m.is_sample = r.is_sample
        JOIN catalog_variant v ON v.id = coalesce(r.item_id, m.item_id)
        WHERE coalesce(r.units - r.committed - r.released, 0) <> coalesce(m.units, 0)
        """,
    ),
    Check(
        "stock.to_ship",
        "What is committed to an order is what of its lines was neither cancelled nor shipped nor taken out of a parcel.",
        """
        SELECT r.reference, format('%s: %s committed, %s to ship', v.sku, r.committed, coalesce(l.units, 0))
        FROM inventory_reservation r JOIN orders_order o ON o.number = r.reference
        JOIN catalog_variant v ON v.id = r.item_id
        LEFT JOIN (
            SELECT l.order_id, l.variant_id, sum(l.quantity - l.cancelled_quantity - coalesce(p.gone, 0)) AS units
            FROM orders_orderline l LEFT JOIN (
                SELECT p.line_id,
                    sum(CASE WHEN s.shipped_at IS NULL THEN p.withdrawn_quantity ELSE p.quantity END) AS gone
                FROM orders_shipmentline p JOIN orders_shipment s ON s.id = p.shipment_id GROUP BY 1
            ) p ON p.line_id = l.id GROUP BY 1, 2
        ) l ON l.order_id = o.id AND l.variant_id = r.item_id
        WHERE r.state = 'sold' AND r.committed <> coalesce(l.units, 0)
        """,
    ),
    Check(
        "stock.parcels",
        "Every unit of a parcel that has shipped left with it: no movement names a parcel that is still here, or holds fewer.",
        """
        SELECT m.reference, format('%s: %s left with parcel %s, which holds %s', v.sku, -m.delta, m.shipment,
            coalesce(p.units, 0))
        FROM inventory_stockmovement m JOIN catalog_variant v ON v.id = m.item_id
        LEFT JOIN (
            SELECT s.id, o.number, l.variant_id, sum(p.quantity - p.withdrawn_quantity) AS units
            FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id JOIN orders_shipmentline p ON p.shipment_id = s.id
            JOIN orders_orderline l ON l.id = p.line_id WHERE s.shipped_at IS NOT NULL GROUP BY 1, 2, 3
        ) p ON p.id = m.shipment AND p.variant_id = m.item_id AND p.number = m.reference
        WHERE (m.shipment IS NOT NULL OR m.reason = 'shipped') AND -m.delta > coalesce(p.units, 0)
        """,
    ),
    Check(
        "stock.samples",
        "Free samples are committed to an order until its first parcel ships, and to no order that was cancelled.",
        """
        SELECT o.number, format('order is %s, %s of its samples are committed', coalesce(o.status, 'not there'), r.committed)
        FROM inventory_reservation r LEFT JOIN orders_order o ON 'samples:' || o.number = r.reference
        WHERE r.reference LIKE 'samples:%' AND (r.state <> 'sold' OR o.id IS NULL OR r.committed > 0 AND (
            o.status IN ('cancelled', 'delivered')
            OR EXISTS (SELECT 1 FROM orders_shipment s WHERE s.order_id = o.id AND s.shipped_at IS NOT NULL)))
        """,
        at_rest=True,
    ),
    Check(
        "stock.units",
        "An order reserves what its lines say, and nothing else.",
        """
        SELECT o.number, format('%s: %s in the lines, %s reserved', v.sku, coalesce(l.units, 0), r.units)
        FROM inventory_reservation r
        JOIN orders_order o ON o.number = r.reference JOIN catalog_variant v ON v.id = r.item_id
        LEFT JOIN (SELECT order_id, variant_id, sum(quantity) AS units FROM orders_orderline GROUP BY 1, 2) l
            ON l.order_id = o.id AND l.variant_id = r.item_id
        WHERE r.units IS DISTINCT FROM l.units
        """,
    ),
    Check(
        "stock.told",
        "The catalogue says of a variant what inventory says.",
        """
        SELECT v.sku, format('catalogue: %s of %s, %s committed; inventory: %s of %s, %s committed', v.available, v.on_hand,
            v.committed, s.available, s.on_hand, s.committed)
        FROM inventory_stockitem s JOIN catalog_variant v ON v.id = s.variant_id
        WHERE v.available IS DISTINCT FROM CASE WHEN s.is_tracked THEN s.available END OR v.on_hand <> s.on_hand
            OR v.committed <> s.committed
            OR v.policy <> s.policy OR v.in_stock <> (NOT s.is_tracked OR s.policy <> 'deny' OR s.available > 0)
        """,
    ),
]

DROPS = [
    Check(
        "drops.shares",
        "What one person had of a drop is the sum of what their orders took, and no more than a share.",
        """
        SELECT coalesce(s.key, c.key), format('share of drop %s says %s of %s, claims add up to %s',
            coalesce(s.drop_id, c.drop_id), coalesce(s.units, 0), s.most, coalesce(c.units, 0))
        FROM drops_share s FULL JOIN (
            SELECT drop_id, key, sum(units) AS units FROM drops_shareclaim, unnest(keys) AS key
            WHERE state = 'claimed' GROUP BY 1, 2
        ) c ON c.drop_id = s.drop_id AND c.key = s.key
        WHERE coalesce(s.units, 0) <> coalesce(c.units, 0) OR s.units > s.most
        """,
    ),
    Check(
        "drops.claims",
        "An order keeps its share while it waits and once it was paid, and gives it back when it ends unpaid.",
        """
        SELECT c.reference, format('order is %s, its share is %s', coalesce(o.status, 'not there'), c.state)
        FROM drops_shareclaim c LEFT JOIN orders_order o ON o.number = c.reference
        WHERE c.state <> CASE WHEN o.paid_at IS NOT NULL OR o.status = 'pending_payment' THEN 'claimed' ELSE 'released' END
        """,
    ),
    Check(
        "drops.pool",
        "What a lottery promised is held for it or went to its winners' orders, unit by unit.",
        """
        SELECT d.slug, format('%s promised, %s held, %s with orders', p.units, coalesce(r.units, 0), coalesce(c.units, 0))
        FROM drops_commitment p JOIN drops_drop d ON d.id = p.drop_id
        LEFT JOIN inventory_reservation r ON r.reference = 'drop:' || d.id AND r.state = 'held'
        LEFT JOIN (SELECT drop_id, sum(units) AS units FROM drops_shareclaim WHERE state = 'claimed' GROUP BY 1) c
            ON c.drop_id = d.id
        WHERE coalesce(r.units, 0) <> CASE WHEN d.status = 'ended' THEN 0 ELSE p.units - coalesce(c.units, 0) END
        """,
    ),
    Check(
        "drops.rights",
        "A right is used by an order that waits or was paid, and there are never more of them than were promised.",
        """
        SELECT e.id::text, format('%s by %s, which is %s', e.state, e.order, coalesce(o.status, 'not there'))
        FROM drops_entry e LEFT JOIN orders_order o ON o.number = e.order
        WHERE e.state = 'claimed' AND (o.paid_at IS NOT NULL OR o.status = 'pending_payment') IS NOT TRUE
        UNION ALL
        SELECT d.slug, format('%s rights, promised were %s', count(*), p.winners)
        FROM drops_entry e JOIN drops_commitment p ON p.drop_id = e.drop_id JOIN drops_drop d ON d.id = e.drop_id
        WHERE e.state IN ('offered', 'claimed') GROUP BY d.slug, p.winners HAVING count(*) > p.winners
        """,
    ),
    Check(
        "drops.promise",
        "A lottery's seed is the one that was committed to, and its entries are those that were written down.",
        """
        SELECT d.slug, format('committed to %s, the seed hashes to %s; listed %s, the entries hash to %s', p.commitment, s.hash,
            l.entries_hash, e.hash)
        FROM drops_commitment p JOIN drops_drop d ON d.id = p.drop_id
        LEFT JOIN (
            SELECT drop_id, CASE WHEN seed ~ '^([0-9a-f]{2})+$' THEN encode(sha256(decode(seed, 'hex')), 'hex') ELSE '' END
            FROM drops_seed
        ) s(drop_id, hash) ON s.drop_id = d.id
        LEFT JOIN drops_entrylist l ON l.drop_id = d.id
        LEFT JOIN (
            SELECT drop_id, encode(sha256(convert_to(string_agg(id::text, E'\\n' ORDER BY id), 'UTF8')), 'hex') AS hash
            FROM drops_entry WHERE confirmed_at IS NOT NULL GROUP BY 1
        ) e ON e.drop_id = d.id
        WHERE s.hash IS DISTINCT FROM p.commitment
            OR (l.entry_count > 0 AND l.entries_hash IS DISTINCT FROM e.hash) OR (l.entry_count = 0 AND e.hash IS NOT NULL)
        """,
    ),
]

ORDERS = [
    Check(
        "orders.lines",
        "An order's sums are the sums of its lines, and its total is what they come to.",
        f"""
        SELECT o.number, format(
            'total %s, shipping %s, subtotal %s, discount %s, tax %s, items %s; its lines say %s, %s, %s, items %s',
            {sum_of("o.total_amount", "o.currency")}, {sum_of("o.shipping_amount", "o.currency")},
            {sum_of("o.subtotal_amount", "o.currency")}, {sum_of("o.discount_amount", "o.currency")},
            {sum_of("o.tax_amount - o.shipping_tax_amount", "o.currency")}, o.item_count, {sum_of("l.subtotal", "o.currency")},
            {sum_of("l.discount", "o.currency")}, {sum_of("l.tax", "o.currency")}, coalesce(l.items, 0))
        FROM orders_order o LEFT JOIN (
            SELECT order_id, sum(quantity * unit_price_amount) AS subtotal, sum(discount_amount) AS discount,
                sum(tax_amount) AS tax, sum(quantity) AS items FROM orders_orderline GROUP BY 1
        ) l ON l.order_id = o.id
        WHERE (o.subtotal_amount, o.discount_amount, o.tax_amount - o.shipping_tax_amount, o.item_count)
            IS DISTINCT FROM (l.subtotal, l.discount, l.tax, l.items)
            OR o.total_amount <> o.subtotal_amount - o.discount_amount + o.shipping_amount
        """,
    ),
    Check(
        "orders.frozen",
        "An order is sold to whom, sent where and made of what it was when it was placed.",
        """
        SELECT o.number, 'its addresses, sums or lines are not those that the first line of its timeline keeps a hash of'
        FROM orders_order o JOIN orders_orderevent e ON e.order_id = o.id AND e.position = 1
        WHERE e.state ->> 'frozen'
            <> orders_frozen_hash(o, ARRAY(SELECT l FROM orders_orderline l WHERE l.order_id = o.id))
        """,
    ),
    Check(
        "orders.paid",
        "An order is paid by one captured payment of its own sum, or by what staff took from the desk for it.",
        """
        SELECT o.number, format('%s, and %s payments of its sum pay for it', o.status, coalesce(p.n, 0))
        FROM orders_order o LEFT JOIN (
            SELECT p.order_id, count(*) AS n FROM payments_payment p JOIN orders_order o ON o.id = p.order_id
            WHERE p.status = 'captured' AND (p.amount, p.currency) = (o.total_amount, o.currency)
                AND NOT EXISTS (SELECT 1 FROM payments_straymoney s
                    WHERE s.gateway_payment_id = p.gateway_payment_id AND s.accepted_amount = 0)
            GROUP BY 1
        ) p ON p.order_id = o.id
        WHERE o.paid_at IS NOT NULL AND coalesce(p.n, 0) <> 1
            AND NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.chain = o.number AND e.kind = 'adopt')
        """,
    ),
    Check(
        "orders.status",
        "What an order's payment status says is what its attempts say.",
        """
        SELECT o.number, format('payment status %s, its attempts say %s', o.payment_status, p.says)
        FROM orders_order o JOIN (
            SELECT order_id, CASE WHEN bool_or(status = 'captured') THEN CASE sum(refunded_amount)
                WHEN 0 THEN 'paid' WHEN sum(amount) FILTER (WHERE status = 'captured') THEN 'refunded'
                ELSE 'partially_refunded' END WHEN bool_or(status = 'authorized')
                THEN 'authorized' WHEN bool_or(status = 'failed') THEN 'failed' ELSE 'pending' END AS says
            FROM payments_payment GROUP BY 1
        ) p ON p.order_id = o.id
        WHERE o.payment_status <> p.says
            AND NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.chain = o.number AND e.kind = 'adopt')
        """,
    ),
    Check(
        "orders.disputes",
        "What an order's dispute status says is what the disputes over its captured payments say.",
        """
        SELECT o.number, format('dispute status %s, its disputes say %s', o.dispute_status, coalesce(d.says, 'none'))
        FROM orders_order o LEFT JOIN (
            SELECT p.order_id, CASE WHEN bool_or(d.status IN ('open', 'under_review')) THEN 'open'
                WHEN bool_or(d.status = 'lost') THEN 'lost' ELSE 'won' END AS says
            FROM payments_dispute d JOIN payments_payment p
                ON p.gateway_payment_id = d.gateway_payment_id AND p.order_id = d.order_id AND p.status = 'captured'
            GROUP BY 1
        ) d ON d.order_id = o.id
        WHERE o.dispute_status <> coalesce(d.says, 'none')
        """,
    ),
    Check(
        "orders.attempts",
        "An attempt asks for its order's sum, and the order tells of each attempt what the attempt says.",
        f"""
        SELECT p.receipt, format('%s %s; the order asks for %s and tells %s', p.status,
            {sum_of("p.amount", "p.currency")}, {sum_of("o.total_amount", "o.currency")},
            coalesce(told.entry ->> 'status', 'nothing'))
        FROM payments_payment p LEFT JOIN orders_order o ON o.id = p.order_id
        LEFT JOIN LATERAL (
            SELECT entry FROM jsonb_array_elements(o.payments) entry WHERE entry ->> 'id' = p.id::text
        ) told ON true
        WHERE (p.amount, p.currency, p.receipt) IS DISTINCT FROM (o.total_amount, o.currency, o.number || '-' || p.attempt)
            OR (told.entry IS NOT NULL AND (told.entry ->> 'status', told.entry ->> 'gateway_payment_id',
                told.entry ->> 'gateway_order_id') IS DISTINCT FROM (p.status, p.gateway_payment_id, p.gateway_order_id))
            OR (told.entry IS NULL AND p.status <> 'created')
        """,
    ),
    Check(
        "orders.sent",
        "What is packed of a line is in its parcels, unit by unit.",
        """
        SELECT o.number, format('%s: %s packed, %s in parcels', l.sku, l.fulfilled_quantity, coalesce(p.units, 0))
        FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
        LEFT JOIN (SELECT line_id, sum(quantity) AS units FROM orders_shipmentline GROUP BY 1) p ON p.line_id = l.id
        WHERE l.fulfilled_quantity <> coalesce(p.units, 0)
        """,
    ),
    Check(
        "orders.overdue",
        "No unpaid order keeps its units long after its hold has ended.",
        """
        SELECT number, format('held until %s', held_until) FROM orders_order
        WHERE status = 'pending_payment' AND held_until < now() - interval '3 hours'
        """,
        at_rest=True,
    ),
]

MONEY = [
    Check(
        "payments.owner",
        "No captured payment is without an order that is paid by it, or a place on the desk.",
        """
        SELECT p.receipt, format('%s is captured, order %s is %s', p.gateway_payment_id, o.number, o.status)
        FROM payments_payment p JOIN orders_order o ON o.id = p.order_id
        WHERE p.status = 'captured' AND o.paid_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM payments_straymoney s WHERE s.gateway_payment_id = p.gateway_payment_id)
        """,
    ),
    Check(
        "payments.unsettled",
        "Every attempt without an answer is asked about when its time has come.",
        """
        SELECT receipt, format('was to be asked about at %s', check_at) FROM payments_payment
        WHERE check_at < now() - interval '30 minutes'
        """,
        at_rest=True,
    ),
    Check(
        "refunds.claims",
        "What refunds have taken of a payment is the sum of those that are promised or gone, and no more than was captured.",
        f"""
        SELECT m.name, format('%s of %s is taken, its refunds add up to %s',
            {sum_of("m.refunded_amount", "m.currency")}, {sum_of("m.amount", "m.currency")},
            {sum_of("coalesce(r.amount, 0)", "m.currency")})
        FROM (
            SELECT id, gateway_payment_id AS name, refunded_amount, amount, currency FROM payments_payment
            WHERE gateway_payment_id IS NOT NULL
            UNION ALL SELECT id, gateway_payment_id, refunded_amount, amount - accepted_amount - disputed_amount, currency
            FROM payments_straymoney
        ) m LEFT JOIN (
            SELECT owner, sum(amount) AS amount FROM payments_refund, unnest(ARRAY[payment_id, stray_id]) AS owner
            WHERE status IN ('requested', 'pending', 'processed') GROUP BY 1
        ) r ON r.owner = m.id
        WHERE m.refunded_amount <> coalesce(r.amount, 0) OR m.refunded_amount > m.amount
        """,
    ),
    Check(
        "refunds.told",
        "The order tells of each refund what the refund says.",
        """
        SELECT r.key, format('%s, the order tells %s', r.status, coalesce(told.entry ->> 'status', 'nothing'))
        FROM payments_refund r JOIN orders_order o ON o.id = r.order_id LEFT JOIN LATERAL (
            SELECT entry FROM jsonb_array_elements(o.refunds) entry WHERE entry ->> 'id' = r.id::text
        ) told ON true
        WHERE r.status <> 'quarantined' AND coalesce(told.entry ->> 'status', '')
            <> CASE r.status WHEN 'requested' THEN 'pending' ELSE r.status END
        """,
    ),
    Check(
        "refunds.source",
        "A refund is of the payment that it takes from, in its currency, and is followed up until it is final.",
        """
        SELECT r.key, format('%s of %s, its money is %s in %s; to be asked about at %s', r.currency, r.gateway_payment_id,
            coalesce(s.gateway_payment_id, p.gateway_payment_id), coalesce(s.currency, p.currency), r.retry_at)
        FROM payments_refund r LEFT JOIN payments_payment p ON p.id = r.payment_id
        LEFT JOIN payments_straymoney s ON s.id = r.stray_id
        WHERE r.gateway_payment_id IS DISTINCT FROM coalesce(s.gateway_payment_id, p.gateway_payment_id)
            OR (r.status <> 'quarantined' AND r.currency <> coalesce(s.currency, p.currency))
            OR (r.status IN ('requested', 'pending') AND r.retry_at IS NULL)
        """,
    ),
    Check(
        "strays.fate",
        "What of stray money went back, was taken by the buyer's bank or pays for its order adds up; the rest is on the desk.",
        f"""
        SELECT s.gateway_payment_id, format('%s; of %s %s pays for its order, %s went back, %s was disputed; booked of that %s',
            s.fate, {sum_of("s.amount", "s.currency")}, {sum_of("s.accepted_amount", "s.currency")},
            {sum_of("coalesce(r.sent, 0)", "s.currency")}, {sum_of("s.disputed_amount", "s.currency")},
            {sum_of("coalesce(d.taken, 0)", "s.currency")})
        FROM payments_straymoney s LEFT JOIN (
            SELECT stray_id, sum(amount) AS sent FROM payments_refund WHERE status = 'processed' GROUP BY 1
        ) r ON r.stray_id = s.id LEFT JOIN (
            SELECT d.gateway_payment_id, sum((e.postings ->> 'desk')::bigint) AS taken
            FROM payments_dispute d JOIN ledger_entry e ON e.key = 'dispute-lost:' || d.id GROUP BY 1
        ) d ON d.gateway_payment_id = s.gateway_payment_id
        WHERE s.is_captured AND (s.fate = 'returned') <> (coalesce(r.sent, 0) + s.disputed_amount > 0
                AND coalesce(r.sent, 0) + s.disputed_amount + s.accepted_amount = s.amount)
            OR s.fate = 'accepted' AND s.accepted_amount = 0 OR s.disputed_amount <> coalesce(d.taken, 0)
        """,
    ),
    Check(
        "refunds.waiting",
        "No refund waits for more than a week, and none that failed is left lying.",
        """
        SELECT key, format('%s since %s', status, created_at) FROM payments_refund
        WHERE status IN ('requested', 'pending') AND created_at < now() - interval '7 days'
        """,
        at_rest=True,
    ),
    Check(
        "stock.returned",
        "Every unit that a refund brought back after it had shipped is on hand once, and no other is.",
        """
        SELECT r.key, format('%s units were to come back, %s did', coalesce(l.units, 0), coalesce(m.units, 0))
        FROM payments_refund r LEFT JOIN (
            SELECT r.id, sum((line ->> 'quantity')::int - coalesce((line ->> 'released')::int, 0)) AS units
            FROM payments_refund r, jsonb_array_elements(r.lines) line
            JOIN orders_orderline l ON l.id = (line ->> 'id')::uuid
            JOIN inventory_reservation held ON held.item_id = l.variant_id
            WHERE (line ->> 'restock')::bool AND held.reference = (SELECT number FROM orders_order WHERE id = r.order_id)
            GROUP BY 1
        ) l ON l.id = r.id LEFT JOIN (
            SELECT reference, sum(delta) AS units FROM inventory_stockmovement WHERE reason = 'returned' GROUP BY 1
        ) m ON m.reference = r.key
        WHERE coalesce(l.units, 0) <> coalesce(m.units, 0)
        """,
    ),
    Check(
        "stock.released",
        "What an order's refunds made available again before it shipped is what its reservations released.",
        """
        SELECT o.number, format('%s: %s released, its refunds say %s', v.sku, r.released, coalesce(l.units, 0))
        FROM inventory_reservation r JOIN orders_order o ON o.number = r.reference JOIN catalog_variant v ON v.id = r.item_id
        LEFT JOIN (
            SELECT l.order_id, l.variant_id, sum((line ->> 'released')::int) AS units
            FROM payments_refund f, jsonb_array_elements(f.lines) line JOIN orders_orderline l ON l.id = (line ->> 'id')::uuid
            GROUP BY 1, 2
        ) l ON l.order_id = o.id AND l.variant_id = r.item_id
        WHERE r.released <> coalesce(l.units, 0) AND NOT (r.released > coalesce(l.units, 0) AND (o.dispute_status = 'lost'
            OR o.status = 'cancelled' AND NOT EXISTS (
                SELECT 1 FROM payments_refund f WHERE f.order_id = o.id AND f.origin = 'cancel')))
        """,
    ),
    Check(
        "webhooks.content",
        "A webhook is kept as it came.",
        """
        SELECT event_id, format('its content hashes to %s, it came with %s', encode(sha256(body), 'hex'), content_hash)
        FROM payments_gatewayevent WHERE encode(sha256(body), 'hex') <> content_hash
        """,
    ),
    Check(
        "webhooks.parked",
        "No webhook was given up on.",
        """
        SELECT event_id, format('%s: %s', name, left(problem, 200)) FROM payments_gatewayevent
        WHERE applied_at IS NULL AND retry_at IS NULL AND mark = ''
        """,
    ),
]

BOOKS = [
    Check(
        "books.balance",
        "Every entry adds up to nothing.",
        f"""
        SELECT key, (SELECT string_agg(p.account || ' ' || {sum_of("p.amount", "currency")}, ', ' ORDER BY p.account)
            FROM jsonb_each_text(postings) AS p(account, amount)) FROM ledger_entry WHERE NOT ledger_balances(postings)
        """,
    ),
    Check(
        "books.captured",
        "Every captured payment is booked with its sum, and no other is.",
        f"""
        SELECT coalesce(e.key, 'capture:' || p.gateway_payment_id),
            format('payment says %s, books say %s', {sum_of("p.amount", "p.currency")}, {sum_of("e.amount", "e.currency")})
        FROM (SELECT gateway_payment_id, amount, currency FROM payments_payment WHERE status = 'captured') p
        FULL JOIN (
            SELECT key, currency, (postings ->> 'gateway')::bigint AS amount FROM ledger_entry WHERE kind = 'capture'
        ) e ON e.key = 'capture:' || p.gateway_payment_id
        WHERE e.amount IS DISTINCT FROM p.amount AND NOT (e.key IS NULL AND EXISTS (
            SELECT 1 FROM ledger_entry a WHERE a.key = 'adopt:' || p.gateway_payment_id))
        """,
    ),
    Check(
        "books.fees",
        "Every fee is booked as the gateway told it.",
        f"""
        SELECT p.receipt, format('fee %s with tax %s, booked %s with tax %s',
            {sum_of("coalesce(p.fee_amount, 0)", "p.currency")}, {sum_of("coalesce(p.fee_tax_amount, 0)", "p.currency")},
            {sum_of("-(e.postings ->> 'gateway')::bigint", "e.currency")},
            {sum_of("(e.postings ->> 'fee_tax')::bigint", "e.currency")})
        FROM payments_payment p LEFT JOIN ledger_entry e ON e.key = 'fee:' || p.gateway_payment_id
        WHERE p.status = 'captured' AND (coalesce(p.fee_amount, 0),
            CASE WHEN p.fee_amount > 0 THEN coalesce(p.fee_tax_amount, 0) ELSE 0 END)
            <> (coalesce(-(e.postings ->> 'gateway')::bigint, 0), coalesce((e.postings ->> 'fee_tax')::bigint, 0))
        """,
    ),
    Check(
        "books.sold",
        "Every order that was paid is earned once, at its total, and no other is.",
        f"""
        SELECT coalesce(o.number, e.chain),
            format('order says %s with tax %s and discount %s, books say %s with tax %s and discount %s',
            {sum_of("o.total_amount", "o.currency")}, {sum_of("o.tax_amount", "o.currency")},
            {sum_of("o.discount_amount", "o.currency")}, {sum_of("(e.postings ->> 'customers')::bigint", "e.currency")},
            {sum_of("-(e.postings ->> 'tax')::bigint", "e.currency")},
            {sum_of("(e.postings ->> 'discounts')::bigint", "e.currency")})
        FROM (SELECT * FROM orders_order WHERE paid_at IS NOT NULL) o
        FULL JOIN (SELECT * FROM ledger_entry WHERE kind = 'sale') e ON e.chain = o.number
        WHERE (o.total_amount, o.tax_amount, o.discount_amount) IS DISTINCT FROM (
            coalesce((e.postings ->> 'customers')::bigint, 0),
            coalesce(-(e.postings ->> 'tax')::bigint, 0),
            coalesce((e.postings ->> 'discounts')::bigint, 0))
        """,
    ),
    Check(
        "books.desk",
        "Captured money that pays for nothing is booked on the desk, with its sum.",
        f"""
        SELECT s.gateway_payment_id, format('%s of %s, booked %s', s.kind,
            {sum_of("s.amount", "s.currency")}, {sum_of("e.amount", "e.currency")})
        FROM payments_straymoney s LEFT JOIN (
            SELECT key, chain, currency, -(postings ->> 'desk')::bigint AS amount FROM ledger_entry WHERE kind = 'stray'
        ) e ON e.key = 'stray:' || s.gateway_payment_id
        LEFT JOIN payments_payment p ON p.id = s.payment_id LEFT JOIN orders_order o ON o.id = p.order_id
        WHERE coalesce(e.amount, 0) <> CASE WHEN s.is_captured THEN s.amount ELSE 0 END OR e.currency <> s.currency
            OR e.chain NOT IN (s.gateway_payment_id, coalesce(o.number, '')) OR (s.payment_id IS NOT NULL
                AND s.accepted_amount = 0 AND e.chain <> o.number)
        """,
    ),
    Check(
        "books.refunds",
        "Every refund is booked as promised, as sent once it was sent, and taken back when it failed.",
        f"""
        SELECT r.key, format('%s of %s; promised %s, sent %s, taken back %s', r.status,
            {sum_of("r.amount", "r.currency")}, {sum_of("e.promised", "r.currency")}, {sum_of("e.sent", "r.currency")},
            {sum_of("e.failed", "r.currency")})
        FROM payments_refund r LEFT JOIN (
            SELECT split_part(key, ':', 2) AS refund,
                -sum((postings ->> 'refunds_due')::bigint) FILTER (WHERE split_part(key, ':', 1) IN ('refund', 'refund-again'))
                    AS promised,
                sum((postings ->> 'refunds_due')::bigint) FILTER (WHERE kind = 'refund_done') AS sent,
                sum((postings ->> 'refunds_due')::bigint) FILTER (WHERE kind = 'refund_failed') AS failed
            FROM ledger_entry WHERE postings ? 'refunds_due' GROUP BY 1
        ) e ON e.refund = r.id::text
        WHERE (coalesce(e.promised, 0) - coalesce(e.failed, 0), coalesce(e.sent, 0)) IS DISTINCT FROM CASE r.status
            WHEN 'quarantined' THEN (0::numeric, 0::numeric) WHEN 'failed' THEN (0::numeric, 0::numeric)
            WHEN 'processed' THEN (r.amount::numeric, r.amount::numeric) ELSE (r.amount::numeric, 0::numeric) END
        """,
    ),
    Check(
        "books.disputes",
        "Every dispute that was lost is booked once, with what the bank took, and no other is.",
        f"""
        SELECT coalesce(d.id, e.key), format('took %s, booked %s',
            {sum_of("d.amount_deducted", "d.currency")}, {sum_of("e.amount", "e.currency")})
        FROM (SELECT id, amount_deducted, currency FROM payments_dispute WHERE status = 'lost') d
        FULL JOIN (
            SELECT key, currency, -(postings ->> 'gateway')::bigint AS amount FROM ledger_entry WHERE kind = 'dispute_lost') e
            ON e.key = 'dispute-lost:' || d.id
        WHERE d.amount_deducted IS DISTINCT FROM e.amount
        """,
    ),
    Check(
        "books.customers",
        "Nobody's money lies about: what was taken for an order is earned, on the desk, or on its way back.",
        f"""
        SELECT chain, {sum_of("sum((postings ->> 'customers')::bigint)", "currency")} FROM ledger_entry
        WHERE postings ? 'customers' GROUP BY chain, currency HAVING sum((postings ->> 'customers')::bigint) <> 0
        """,
    ),
    Check(
        "books.adopted",
        "What staff took from the desk for an order is booked, with its sum.",
        f"""
        SELECT coalesce(e.key, 'adopt:' || s.gateway_payment_id),
            format('accepted %s, booked %s', {sum_of("s.accepted_amount", "s.currency")}, {sum_of("e.amount", "e.currency")})
        FROM (SELECT * FROM payments_straymoney WHERE accepted_amount > 0) s
        FULL JOIN (SELECT key, currency, (postings ->> 'desk')::bigint AS amount FROM ledger_entry WHERE kind = 'adopt') e
            ON e.key = 'adopt:' || s.gateway_payment_id
        WHERE s.accepted_amount IS DISTINCT FROM e.amount
        """,
    ),
    Check(
        "books.desk_owes",
        "The desk never gives more than it has.",
        f"""
        SELECT chain, {sum_of("sum((postings ->> 'desk')::bigint)", "currency")} FROM ledger_entry
        WHERE postings ? 'desk' GROUP BY chain, currency HAVING sum((postings ->> 'desk')::bigint) > 0
        """,
    ),
]

SETTLEMENTS = [
    Check(
        "settlements.lines",
        "A settlement is the sum of its lines, unless staff have explained why not.",
        f"""
        SELECT s.id, format('%s came to the bank, its lines come to %s',
            {sum_of("s.amount", "s.currency")}, {sum_of("coalesce(l.amount, 0)", "s.currency")})
        FROM backoffice_settlement s
        LEFT JOIN (SELECT settlement_id, sum(credit - debit) AS amount FROM backoffice_settlementline GROUP BY 1) l
            ON l.settlement_id = s.id
        WHERE s.amount <> coalesce(l.amount, 0) AND NOT EXISTS (SELECT 1 FROM backoffice_decision d
            WHERE d.item = concat('settlement-', s.id, ':', s.amount, ':', coalesce(l.amount, 0)))
        """,
    ),
    Check(
        "settlements.matched",
        "Whatever is settled is a payment less its fee, a refund or a lost dispute that we know, once, or staff explained it.",
        f"""
        SELECT l.entity_id, format('%s of %s: %s with fee %s, in %s settlements; we know of %s with fee %s',
            l.type, l.settlement_id, {sum_of("l.credit - l.debit", "l.currency")}, {sum_of("l.fee", "l.currency")}, l.times,
            {sum_of("k.amount", "k.currency")}, {sum_of("k.fee", "k.currency", otherwise="'any'")})
        FROM (SELECT *, count(*) OVER (PARTITION BY entity_id) AS times FROM backoffice_settlementline) l
        LEFT JOIN (
            SELECT gateway_payment_id AS id, amount, currency, fee_amount AS fee FROM payments_payment WHERE status = 'captured'
            UNION ALL SELECT s.gateway_payment_id, s.amount, s.currency, NULL FROM payments_straymoney s
            WHERE s.is_captured AND NOT EXISTS (
                SELECT 1 FROM payments_payment p WHERE p.gateway_payment_id = s.gateway_payment_id AND p.status = 'captured')
            UNION ALL SELECT gateway_refund_id, -amount, currency, 0 FROM payments_refund
            WHERE status IN ('requested', 'pending', 'processed')
            UNION ALL SELECT id, -amount_deducted, currency, 0 FROM payments_dispute WHERE status = 'lost'
        ) k ON k.id = coalesce(nullif(l.dispute_id, ''), l.entity_id)
        WHERE ((l.credit - l.debit, l.currency) IS DISTINCT FROM (k.amount - l.fee, k.currency) OR k.fee <> l.fee
            OR l.times > 1) AND NOT EXISTS (SELECT 1 FROM backoffice_decision d
            WHERE d.item = concat('settled-', l.id, ':', l.credit, ':', l.debit, ':', l.fee))
        """,
    ),
    Check(
        "settlements.passed_over",
        "A captured payment is in a settlement by the third working day after it, once the gateway settles at all.",
        """
        SELECT p.gateway_payment_id, format('captured %s, and in no settlement since; the last one was made %s',
            p.captured_at, s.last)
        FROM payments_payment p, (SELECT min(created_at) AS first, max(created_at) AS last FROM backoffice_settlement) s
        WHERE p.status = 'captured' AND p.captured_at BETWEEN s.first AND now() - interval '3 days'
            AND NOT EXISTS (SELECT 1 FROM backoffice_settlementline l WHERE l.entity_id = p.gateway_payment_id)
            AND (SELECT count(*) FROM generate_series(
                    (p.captured_at AT TIME ZONE :shop_zone)::date + 1, (now() AT TIME ZONE :shop_zone)::date - 1,
                    interval '1 day') AS over(day)
                WHERE extract(isodow FROM over.day) < 6) >= 3
        """,
        at_rest=True,
    ),
    Check(
        "books.settled",
        "Every settlement is booked once, with what came to the bank, and no other is.",
        f"""
        SELECT coalesce(s.id, e.chain), format('%s came, booked %s',
            {sum_of("s.amount", "s.currency")}, {sum_of("e.amount", "e.currency")})
        FROM backoffice_settlement s FULL JOIN (
            SELECT key, chain, currency, (postings ->> 'bank')::bigint AS amount FROM ledger_entry WHERE kind = 'settlement'
        ) e ON e.key = 'settlement:' || s.id
        WHERE s.amount IS DISTINCT FROM coalesce(e.amount, 0)
        """,
    ),
]

HISTORY = [
    Check(
        "history.explains",
        "An order is what the last line of its timeline says.",
        """
        SELECT o.number,
            format('%s, %s, %s; its timeline ends with %s', o.status, o.payment_status, o.fulfilment_status, e.state)
        FROM orders_order o LEFT JOIN LATERAL (
            SELECT state FROM orders_orderevent WHERE order_id = o.id ORDER BY position DESC LIMIT 1
        ) e ON true
        WHERE e.state IS NULL OR (e.state <> '{}' AND (o.status, o.payment_status, o.fulfilment_status)
            IS DISTINCT FROM (e.state ->> 'status', e.state ->> 'payment_status', e.state ->> 'fulfilment_status'))
        """,
    ),
]

OUTBOX = [
    Check(
        "events.parked",
        "No event was given up on.",
        "SELECT key, format('%s: %s', name, left(last_error, 200)) FROM core_outboxevent WHERE parked_at IS NOT NULL",
    ),
    Check(
        "events.waiting",
        "Everybody was told of what happened.",
        """
        SELECT key, format('%s of %s', name, created_at) FROM core_outboxevent
        WHERE done_at IS NULL AND parked_at IS NULL AND created_at < now() - interval '1 hour'
        """,
        at_rest=True,
    ),
]

CHECKS = [*CATALOGUE, *STOCK, *DROPS, *ORDERS, *MONEY, *BOOKS, *SETTLEMENTS, *HISTORY, *OUTBOX]
