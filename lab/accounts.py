"""The administrator of a lab. Run as `python -m lab.accounts` in NetBox's environment: prints {"token": ...}."""

import json

__all__ = ('LOGIN', 'PASSWORD', 'load_administrator')

# A password everyone knows is fine: a lab listens on loopback and holds nothing of value.
LOGIN = 'admin'
PASSWORD = 'admin'


def load_administrator(description: str = 'lab') -> str:
    """Make sure that LOGIN can log in, and return the Authorization header of a new API token for it.

    The token replaces the one of the same `description`. Needs django.setup() first.
    """
    from users.models import Token, User

    user = User.objects.filter(username=LOGIN).first()
    if user is None:
        user = User.objects.create_superuser(username=LOGIN, password=PASSWORD)
    Token.objects.filter(user=user, description=description).delete()
    token = Token(user=user, description=description)
    token.save()
    return f'{token.get_auth_header_prefix()}{token.token}'


if __name__ == '__main__':
    import django

    django.setup()
    print(json.dumps({'token': load_administrator()}))
