"""Say whose a report or a fill is, in one look-up however many orders there are."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.domain.fill import Fill
from bot.domain.ids import ClientOrderId, VenueOrderId
from bot.domain.order import Order
from bot.domain.reports import OrderReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """Which order each client id and each venue order belongs to; built once, read many times.

    A client id wins over a venue id. What a plan sent (`executed_as`) belongs to the plan.
    """

    names: set[ClientOrderId] = field(default_factory=set)
    venue: dict[VenueOrderId, ClientOrderId] = field(default_factory=dict)

    def add(self, order: Order) -> None:
        """Learn an order by all its ids."""
        self.names.add(order.client_order_id)
        for venue_id in (order.venue_order_id, order.executed_as):
            if venue_id is not None:
                self.venue.setdefault(venue_id, order.client_order_id)

    def learn(self, report: OrderReport) -> ClientOrderId | None:
        """Learn the ids that a report ties to a known order, and say whose it is; None for nobody's."""
        name = self.of_report(report)
        if name is not None:
            self.venue[report.venue_order_id] = name
            if report.executed_as is not None:
                self.venue[report.executed_as] = name
        return name

    def of_report(self, report: OrderReport) -> ClientOrderId | None:
        """Say whose a report is; None for nobody's."""
        return self._of(report.client_order_id, report.venue_order_id)

    def of_fill(self, fill: Fill) -> ClientOrderId | None:
        """Say whose a fill is; None for nobody's."""
        return self._of(fill.client_order_id, fill.venue_order_id)

    def _of(self, name: ClientOrderId | None, venue_id: VenueOrderId) -> ClientOrderId | None:
        if name is not None and name in self.names:
            return name
        return self.venue.get(venue_id)


def owners_of(orders: Iterable[Order], reports: Iterable[OrderReport] = ()) -> Owners:
    """Build the look-up from orders, and from reports that tell what their plans have sent."""
    owners = Owners()
    for order in orders:
        owners.add(order)
    for report in reports:
        owners.learn(report)
    return owners
