from django.db import migrations

# Lines were explained by the name of what they settle; now by line and sums, so that another sum is another question.
FORWARD = """
UPDATE backoffice_decision d SET item = concat('settled-', l.id, ':', l.credit, ':', l.debit, ':', l.fee)
FROM (SELECT DISTINCT ON (entity_id) * FROM backoffice_settlementline ORDER BY entity_id, id) l
WHERE d.item = concat('settled-', l.entity_id) AND NOT EXISTS (SELECT 1 FROM backoffice_decision e
    WHERE e.item = concat('settled-', l.id, ':', l.credit, ':', l.debit, ':', l.fee));
"""
BACK = """
UPDATE backoffice_decision d SET item = concat('settled-', l.entity_id)
FROM (SELECT DISTINCT ON (entity_id) * FROM backoffice_settlementline ORDER BY entity_id, id) l
WHERE d.item = concat('settled-', l.id, ':', l.credit, ':', l.debit, ':', l.fee);
"""


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0005_bulk")]

    operations = [migrations.RunSQL(FORWARD, BACK)]
