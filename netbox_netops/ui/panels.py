from netbox.ui import panels

__all__ = ('OptionsPanel',)


class OptionsPanel(panels.JSONPanel):
    """Options as they are stored; nothing where there are none."""

    def should_render(self, context):
        return bool(context['data'])
