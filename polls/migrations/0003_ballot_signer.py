from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('polls', '0002_rooms'),
    ]

    operations = [
        # A column that may be null changes no row, however many ballots there are.
        migrations.RunSQL(
            "ALTER TABLE polls_ballot ADD COLUMN signer bytea",
            "ALTER TABLE polls_ballot DROP COLUMN signer",
            hints={"on_nodes": True},
            state_operations=[
                migrations.AddField('ballot', 'signer', models.BinaryField(help_text="Of a ballot signed on its phone: the key's hash.", max_length=16, null=True)),
            ],
        ),
    ]
