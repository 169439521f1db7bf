import django.db.models.deletion
import modelcluster.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("courses", "0003_immutable")]

    operations = [
        migrations.AlterField(
            model_name="course",
            name="code",
            field=models.CharField(
                help_text="Short, as printed on lists and certificates: ATTT-CB.",
                max_length=40,
                unique=True,
                verbose_name="code",
            ),
        ),
        migrations.AlterField(
            model_name="course",
            name="slug",
            field=models.SlugField(
                help_text="The course's name in addresses and packs; made from the title.",
                max_length=100,
                unique=True,
                verbose_name="slug",
            ),
        ),
        migrations.AlterField(
            model_name="learningoutcome",
            name="code",
            field=models.CharField(max_length=40, verbose_name="code"),
        ),
        migrations.AlterField(
            model_name="learningoutcome",
            name="course",
            field=modelcluster.fields.ParentalKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="outcomes", to="courses.course"
            ),
        ),
        migrations.AlterField(
            model_name="learningoutcome",
            name="text",
            field=models.CharField(max_length=500, verbose_name="what the learner can do"),
        ),
        migrations.AlterField(
            model_name="learningoutcome",
            name="order",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
    ]
